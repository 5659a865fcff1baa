#include "server/identity/access.hpp"

namespace studium::identity {

namespace {

std::string code_key(const std::string& code) { return "studium:{code:" + code + "}"; }
std::string owner_key(const workspace_id& w) { return "studium:{workspace:" + w.str() + "}:owner"; }

} // namespace

task<result<invitation>> find_invitation(redis::link& link, std::string code) {
    if (!is_id(code)) co_return errc::not_found;
    std::vector<std::string> command{"HMGET", code_key(code), "cohort", "school"};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_error()) co_return errc::store_unavailable;
    if (reply->items.size() != 2 || reply->items[0].is_nil()) co_return errc::not_found;
    co_return invitation{cohort_id{reply->items[0].text}, school_id{reply->items[1].text}};
}

task<result<void>> keep_invitation(redis::link& link, std::string code, invitation to) {
    std::vector<std::string> command{"HSET",          code_key(code), "cohort",
                                     to.cohort.str(), "school",       to.school.str()};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    co_return result<void>{};
}

task<result<void>> keep_workspace_owner(redis::link& link, workspace_id workspace, cohort_id cohort) {
    std::vector<std::string> command{"SET", owner_key(workspace), cohort.str()};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    co_return result<void>{};
}

task<result<void>> may_open(redis::link& link, session who, workspace_id workspace) {
    if (who.as == standing::student) {
        if (who.workspace != workspace) co_return errc::not_found;
        co_return result<void>{};
    }
    std::vector<std::string> command{"GET", owner_key(workspace)};
    const auto reply = co_await link.run(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_error()) co_return errc::store_unavailable;
    if (reply->is_nil() || reply->text != who.cohort.str()) co_return errc::not_found;
    co_return result<void>{};
}

} // namespace studium::identity
