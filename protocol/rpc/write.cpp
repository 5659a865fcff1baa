#include "protocol/rpc/messages.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace studium::rpc {

namespace {

using nlohmann::json;

std::string_view name_of_role(role r) { return r == role::teacher ? "teacher" : "student"; }

json to_json(const person& p) {
    return {{"id", p.id.str()},
            {"name", p.name},
            {"role", name_of_role(p.role)},
            {"school", {{"id", p.school.id.str()}, {"name", p.school.name}}},
            {"time_zone", p.time_zone ? json(*p.time_zone) : json(nullptr)}};
}

json to_json(const std::vector<member>& all) {
    json list = json::array();
    for (const auto& m : all)
        list.push_back({{"person", to_json(m.person)}, {"here", m.here}, {"joined", m.joined}});
    return list;
}

json to_json(const group& g) {
    return {{"id", g.id.str()},
            {"name", g.name},
            {"workspace", g.workspace.str()},
            {"seats", g.seats},
            {"members", to_json(g.members)}};
}

json to_json(const session& s) {
    return {{"me", to_json(s.me)},
            {"cohort", {{"id", s.cohort.id.str()}, {"title", s.cohort.title}}},
            {"group", s.group ? to_json(*s.group) : json(nullptr)},
            {"storage", s.storage}};
}

json to_json(const message& m) {
    return {{"id", m.id},     {"at", m.at},    {"group", m.group.str()}, {"from", to_json(m.from)},
            {"text", m.text}, {"sent", m.sent}};
}

json to_json(const hello_result& r) {
    return {{"protocol", protocol_version},
            {"server", r.server},
            {"now", r.now},
            {"session", r.session ? to_json(*r.session) : json(nullptr)}};
}
json to_json(const cohort_join_result& r) { return {{"token", r.token}, {"session", to_json(r.session)}}; }
json to_json(const nothing&) { return json::object(); }
json to_json(const groups_list_result& r) {
    json list = json::array();
    for (const auto& g : r.groups) list.push_back(to_json(g));
    return {{"groups", std::move(list)}};
}
json to_json(const group_open_result& r) { return {{"group", to_json(r.group)}}; }
json to_json(const members_list_result& r) { return {{"members", to_json(r.members)}}; }
json to_json(const messages_send_result& r) { return {{"message", to_json(r.message)}}; }
json to_json(const messages_history_result& r) {
    json list = json::array();
    for (const auto& m : r.messages) list.push_back(to_json(m));
    return {{"messages", std::move(list)}, {"more", r.more}};
}

std::pair<const char*, json> event_parts(const members_changed& e) {
    return {"members.changed", {{"group", e.group.str()}, {"members", to_json(e.members)}}};
}
std::pair<const char*, json> event_parts(const messages_posted& e) {
    return {"messages.posted", {{"message", to_json(e.message)}}};
}
std::pair<const char*, json> event_parts(const storage_changed& e) {
    return {"storage.changed", {{"available", e.available}}};
}
std::pair<const char*, json> event_parts(const session_ended& e) {
    constexpr std::array reasons{"left", "removed", "expired"};
    return {"session.ended", {{"reason", reasons[static_cast<std::size_t>(e.reason)]}}};
}

std::string text_of(const json& j) {
    // Every text came in as valid UTF-8; should one not be, a replacement character beats an exception.
    return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

struct kind_row {
    std::string_view name;
    int code;
};
constexpr std::array kinds{
    kind_row{"parse", -32700},
    kind_row{"invalid_request", -32600},
    kind_row{"unknown_method", -32601},
    kind_row{"invalid_params", -32602},
    kind_row{"internal", -32603},
    kind_row{"not_signed_in", -32001},
    kind_row{"not_found", -32002},
    kind_row{"forbidden", -32003},
    kind_row{"full", -32004},
    kind_row{"rate_limited", -32005},
    kind_row{"store_unavailable", -32006},
    kind_row{"too_large", -32007},
};

} // namespace

int code_of(failure::kind k) noexcept { return kinds[static_cast<std::size_t>(k)].code; }
std::string_view name_of(failure::kind k) noexcept { return kinds[static_cast<std::size_t>(k)].name; }

std::string write_result(std::string_view id, const result_value& value) {
    const auto body = std::visit([](const auto& r) { return text_of(to_json(r)); }, value);
    return R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"result":)" + body + "}";
}

std::string write_failure(std::string_view id, const failure& f) {
    json data{{"kind", name_of(f.what)}};
    if (!f.field.empty()) data["field"] = f.field;
    if (f.retry_after_ms > 0) data["retry_after_ms"] = f.retry_after_ms;
    const json error{{"code", code_of(f.what)}, {"message", f.message}, {"data", std::move(data)}};
    return R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"error":)" + text_of(error) + "}";
}

std::string write_event(const event& e) {
    const auto [method, params] = std::visit([](const auto& which) { return event_parts(which); }, e);
    return text_of({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

} // namespace studium::rpc
