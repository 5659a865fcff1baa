#include "server/cohort/events.hpp"

#include <nlohmann/json.hpp>

namespace studium::cohort {

namespace {

using nlohmann::json;

template <class... F> struct overload : F... {
    using F::operator()...;
};

std::string text(const json& j, const char* name) { return j.at(name).get<std::string>(); }

} // namespace

std::string write_event(const event& e) {
    const json j = std::visit(
        overload{
            [](const created& x) -> json { return {{"t", "created"}, {"title", x.title}}; },
            [](const school_added& x) -> json {
                return {{"t", "school_added"}, {"school", x.school.id.str()}, {"name", x.school.name}};
            },
            [](const group_created& x) -> json {
                return {{"t", "group_created"},
                        {"group", x.group.str()},
                        {"name", x.name},
                        {"workspace", x.workspace.str()},
                        {"seats", x.seats}};
            },
            [](const enrolled& x) -> json {
                json o{{"t", "enrolled"},
                       {"person", x.person.str()},
                       {"name", x.name},
                       {"role", x.role == rpc::role::teacher ? "teacher" : "student"},
                       {"school", x.school.str()}};
                if (x.group) o["group"] = x.group->str();
                return o;
            },
            [](const joined& x) -> json { return {{"t", "joined"}, {"person", x.person.str()}}; },
            [](const time_zone_said& x) -> json {
                return {{"t", "time_zone_said"}, {"person", x.person.str()}, {"time_zone", x.time_zone}};
            },
            [](const left& x) -> json { return {{"t", "left"}, {"person", x.person.str()}}; },
            [](const message_posted& x) -> json {
                return {{"t", "message_posted"},  {"id", x.id},     {"from", x.from.str()},
                        {"group", x.group.str()}, {"text", x.text}, {"sent", x.sent}};
            },
        },
        e);
    return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<event> read_event(std::string_view bytes) {
    const json j = json::parse(bytes, nullptr, false);
    if (!j.is_object()) return std::nullopt;
    try {
        const std::string type = text(j, "t");
        if (type == "created") return created{text(j, "title")};
        if (type == "school_added") return school_added{{school_id{text(j, "school")}, text(j, "name")}};
        if (type == "group_created")
            return group_created{group_id{text(j, "group")}, text(j, "name"),
                                 workspace_id{text(j, "workspace")}, j.at("seats").get<int>()};
        if (type == "enrolled") {
            enrolled e{person_id{text(j, "person")}, text(j, "name"),
                       text(j, "role") == "teacher" ? rpc::role::teacher : rpc::role::student,
                       school_id{text(j, "school")}, std::nullopt};
            if (j.contains("group")) e.group = group_id{text(j, "group")};
            return e;
        }
        if (type == "joined") return joined{person_id{text(j, "person")}};
        if (type == "time_zone_said")
            return time_zone_said{person_id{text(j, "person")}, text(j, "time_zone")};
        if (type == "left") return left{person_id{text(j, "person")}};
        if (type == "message_posted")
            return message_posted{text(j, "id"), person_id{text(j, "from")}, group_id{text(j, "group")},
                                  text(j, "text"), j.at("sent").get<std::int64_t>()};
    } catch (const json::exception&) {
        return std::nullopt; // a member is missing or of another type
    }
    return std::nullopt; // of a kind that only a newer version knows
}

} // namespace studium::cohort
