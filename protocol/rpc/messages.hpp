// JSON-RPC 2.0 on /live: every method's parameters and result, every event. One message is one struct, one
// reader, one row in the table of read.cpp; std::visit then lists whoever must still care. The contract is
// protocol/schema, and both sides' tests read protocol/fixtures/rpc.
#pragma once

#include "protocol/rpc/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace studium::rpc {

inline constexpr int protocol_version = 1;

// ---- parameters

struct hello {
    std::string client;
    std::optional<std::string> token;
    std::optional<std::string> time_zone;
};
struct cohort_join {
    std::string code; // upper case, without spaces and hyphens
    std::string name; // trimmed
    std::optional<std::string> time_zone;
    std::optional<group_id> group;
};
struct cohort_leave {};
struct groups_list {};
struct group_open {
    group_id group;
};
struct members_list {};
struct messages_send {
    std::string id;
    std::string text;
};
struct messages_history {
    int limit = 50;
    std::optional<std::string> before, after; // positions
};

using params = std::variant<hello, cohort_join, cohort_leave, groups_list, group_open, members_list,
                            messages_send, messages_history>;

/// A failure as the other side gets it. Codes: protocol/schema/error-codes.json.
struct failure {
    enum class kind {
        parse,
        invalid_request,
        unknown_method,
        invalid_params,
        internal,
        not_signed_in,
        not_found,
        forbidden,
        full,
        rate_limited,
        store_unavailable,
        too_large,
    };
    kind what = kind::internal;
    std::string message;    // for people who read logs and consoles: what to do next
    std::string field;      // the parameter that is wrong; empty: none
    int retry_after_ms = 0; // 0: not said
};

struct request {
    std::string id; // JSON text of the request's id: a number or a string
    rpc::params params;
};
struct refused {
    std::string id; // "null" where none could be read
    failure why;
};

/// Reads one frame's text. Strict: unknown members are refused, lengths count code points, nesting is
/// bounded.
std::variant<request, refused> read_request(std::string_view text);
/// The parameters of one method alone, as JSON text; for fixtures.
std::variant<params, failure> read_params(std::string_view method, std::string_view json);

// ---- results

struct hello_result {
    std::string server;
    std::int64_t now = 0;
    std::optional<rpc::session> session;
};
struct cohort_join_result {
    std::string token;
    rpc::session session;
};
struct nothing {};
struct groups_list_result {
    std::vector<group> groups;
};
struct group_open_result {
    rpc::group group;
};
struct members_list_result {
    std::vector<member> members;
};
struct messages_send_result {
    rpc::message message;
};
struct messages_history_result {
    std::vector<message> messages;
    bool more = false;
};
using result_value =
    std::variant<hello_result, cohort_join_result, nothing, groups_list_result, group_open_result,
                 members_list_result, messages_send_result, messages_history_result>;

std::string write_result(std::string_view id, const result_value&);
std::string write_failure(std::string_view id, const failure&);

// ---- events

struct members_changed {
    group_id group;
    std::vector<member> members;
};
struct messages_posted {
    rpc::message message;
};
struct storage_changed {
    bool available = false;
};
struct session_ended {
    enum class why { left, removed, expired };
    why reason = why::left;
};
using event = std::variant<members_changed, messages_posted, storage_changed, session_ended>;

std::string write_event(const event&);

/// The error code of a kind, -32700 … -32001; and its name in error.data.kind.
int code_of(failure::kind) noexcept;
std::string_view name_of(failure::kind) noexcept;

} // namespace studium::rpc
