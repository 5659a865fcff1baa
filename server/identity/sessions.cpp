#include "server/identity/sessions.hpp"

#include "server/identity/tokens.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <vector>

namespace studium::identity {

namespace {

constexpr std::array<std::string_view, 3> standings{"student", "teacher", "members"};

std::string key_of(std::string_view token) { return "studium:{session:" + hash_of(token) + "}"; }

std::string lifetime_text() {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(session_lifetime).count());
}

std::string write(const session& s) {
    const nlohmann::json j{{"as", standings[static_cast<std::size_t>(s.as)]},
                           {"cohort", s.cohort.str()},
                           {"person", s.person.str()},
                           {"workspace", s.workspace.str()}};
    return j.dump();
}

result<session> read(const std::string& text) {
    const auto j = nlohmann::json::parse(text, nullptr, false);
    if (!j.is_object()) return errc::not_signed_in;
    const auto as = std::find(standings.begin(), standings.end(), j.value("as", ""));
    if (as == standings.end()) return errc::not_signed_in;
    return session{static_cast<standing>(as - standings.begin()), cohort_id{j.value("cohort", "")},
                   person_id{j.value("person", "")}, workspace_id{j.value("workspace", "")}};
}

} // namespace

task<result<session>> find_session(redis::link& link, std::string token) {
    std::vector<std::string> command{"GETEX", key_of(token), "EX", lifetime_text()};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_error()) co_return errc::store_unavailable;
    if (reply->is_nil()) co_return errc::not_signed_in;
    co_return read(reply->text);
}

task<result<void>> keep_session(redis::link& link, std::string token, session s) {
    std::vector<std::string> command{"SET", key_of(token), write(s), "EX", lifetime_text()};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_error()) co_return errc::store_unavailable;
    co_return result<void>{};
}

task<result<void>> end_session(redis::link& link, std::string token) {
    std::vector<std::string> command{"DEL", key_of(token)};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    co_return result<void>{};
}

} // namespace studium::identity
