#include "server/app/demo.hpp"

#include "server/core/on.hpp"
#include "server/identity/tokens.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace studium::app {

namespace {

using nlohmann::json;

constexpr int seats_of_a_group = 6; // four learners on the roster, and room for two who try it out

constexpr std::array bogota_names{"Valentina", "Mateo",   "Sofía",    "Santiago", "Mariana", "Samuel",
                                  "Isabella",  "Nicolás", "Gabriela", "Emiliano", "Luciana", "Tomás"};
constexpr std::array osaka_names{"Haruto", "Yui",    "Sōta",  "Mio", "Ren",  "Hina",
                                 "Riku",   "Sakura", "Kaito", "Aoi", "Yuto", "Rin"};
constexpr std::array group_names{"Condor", "Crane",  "Orchid", "Maple", "Emerald", "Coral",
                                 "Jaguar", "Tanuki", "Cacao",  "Plum",  "Páramo",  "Inari"};

/// What a demo keeps from one start to the next: its file is its memory.
struct memory {
    std::string cohort, members_token, teacher_token, osaka_teacher_token, bogota_code, osaka_code;
};

memory remember(const std::filesystem::path& file) {
    std::ifstream in{file};
    const json j = json::parse(in, nullptr, false);
    const auto text = [&](const char* name, std::string otherwise) {
        return j.is_object() && j.contains(name) && j[name].is_string() ? j[name].get<std::string>()
                                                                        : std::move(otherwise);
    };
    return {text("cohort", identity::new_id("c")),        text("members_token", identity::new_token()),
            text("teacher_token", identity::new_token()), text("osaka_teacher_token", identity::new_token()),
            text("join_code", identity::new_code()),      text("osaka_join_code", identity::new_code())};
}

/// Whole or not at all, and for its owner's eyes only: it holds tokens.
bool write_file(const std::filesystem::path& file, const std::string& text) {
    const auto fresh = file.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
    return written && ::rename(fresh.c_str(), file.c_str()) == 0;
}

std::string numbered(std::string_view name, std::size_t round) {
    return round == 0 ? std::string{name} : std::string{name} + ' ' + std::to_string(round + 1);
}

/// The events that `now` still lacks.
std::vector<cohort::event> missing_from(const cohort::cohort_state& now, unsigned groups) {
    const school_id bogota{"bogota"}, osaka{"osaka"};
    std::vector<cohort::event> events;
    if (!now.exists()) {
        events.emplace_back(cohort::created{"Rivers of our cities"});
        events.emplace_back(cohort::school_added{{bogota, "Colegio Monserrate, Bogotá"}});
        events.emplace_back(cohort::school_added{{osaka, "Yodogawa Middle School, Osaka"}});
        events.emplace_back(
            cohort::enrolled{person_id{"t-bogota"}, "Ms Rojas", rpc::role::teacher, bogota, {}});
        events.emplace_back(
            cohort::enrolled{person_id{"t-osaka"}, "Mr Tanaka", rpc::role::teacher, osaka, {}});
    }
    for (std::size_t i = now.groups().size(); i < groups; ++i) {
        const group_id group{"g-" + std::to_string(i + 1)};
        events.emplace_back(cohort::group_created{
            group, numbered(group_names[i % group_names.size()], i / group_names.size()),
            workspace_id{identity::new_id("w")}, seats_of_a_group});
        for (std::size_t k = 0; k < 2; ++k) {
            const std::size_t n = 2 * i + k;
            events.emplace_back(
                cohort::enrolled{person_id{"p-b" + std::to_string(n)},
                                 numbered(bogota_names[n % bogota_names.size()], n / bogota_names.size()),
                                 rpc::role::student, bogota, group});
            events.emplace_back(
                cohort::enrolled{person_id{"p-o" + std::to_string(n)},
                                 numbered(osaka_names[n % osaka_names.size()], n / osaka_names.size()),
                                 rpc::role::student, osaka, group});
        }
    }
    return events;
}

} // namespace

task<result<demo_links>> seed_demo(const live::context& context, std::filesystem::path data, std::string url,
                                   unsigned groups) {
    const auto file = data / "demo.json";
    const memory m = remember(file);
    const cohort_id cohort{m.cohort};
    auto& link = context.rooms->here().link();

    const auto room = co_await live::open_cohort(context, cohort);
    if (!room) co_return room.error();
    auto& home = context.rooms->of("cohort:" + m.cohort).home();
    auto before = co_await on(home, (*room)->copy());
    if (!before) co_return before.error();
    auto missing = missing_from(*before, groups);
    if (!missing.empty()) {
        const auto recorded = co_await on(home, (*room)->record(std::move(missing)));
        if (!recorded) co_return recorded.error();
    }
    const auto now = co_await on(home, (*room)->copy());
    if (!now) co_return now.error();

    json workspaces = json::array();
    for (const auto& key : now->groups()) {
        const auto& workspace = now->find(key)->workspace;
        workspaces.push_back(workspace.str());
        const auto kept = co_await identity::keep_workspace_owner(link, workspace, cohort);
        if (!kept) co_return kept.error();
    }
    using identity::standing;
    const identity::session members{standing::members, cohort, {}, {}};
    const identity::session rojas{standing::teacher, cohort, person_id{"t-bogota"}, {}};
    const identity::session tanaka{standing::teacher, cohort, person_id{"t-osaka"}, {}};
    const identity::invitation from_bogota{cohort, school_id{"bogota"}},
        from_osaka{cohort, school_id{"osaka"}};
    for (const auto& kept : {co_await identity::keep_session(link, m.members_token, members),
                             co_await identity::keep_session(link, m.teacher_token, rojas),
                             co_await identity::keep_session(link, m.osaka_teacher_token, tanaka),
                             co_await identity::keep_invitation(link, m.bogota_code, from_bogota),
                             co_await identity::keep_invitation(link, m.osaka_code, from_osaka)})
        if (!kept) co_return kept.error();

    const demo_links links{url + "/join/" + m.bogota_code, url + "/teach#" + m.teacher_token, m.bogota_code,
                           m.osaka_code};
    const json page{{"url", url},
                    {"members_token", m.members_token},
                    {"teacher_token", m.teacher_token},
                    {"osaka_teacher_token", m.osaka_teacher_token},
                    {"join_code", m.bogota_code},
                    {"osaka_join_code", m.osaka_code},
                    {"student_url", links.student},
                    {"teacher_url", links.teacher},
                    {"cohort", m.cohort},
                    {"workspaces", std::move(workspaces)}};
    if (!write_file(file, page.dump(2) + "\n")) co_return errc::store_unavailable;
    co_return links;
}

} // namespace studium::app
