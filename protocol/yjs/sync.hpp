// The messages of y-protocols 1.0: sync, awareness, auth, query awareness. One WebSocket frame is one
// message.
#pragma once

#include "protocol/yjs/update.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace studium::yjs {

struct sync_step_1 {
    state_vector known;
};
/// Its update is not yet checked, as in sync_update; nor is that of awareness_message read.
struct sync_step_2 {
    std::string_view update;
};
struct sync_update {
    std::string_view update;
};
struct awareness_message {
    std::string_view update;
};
struct query_awareness {};
struct auth_message {};

using message =
    std::variant<sync_step_1, sync_step_2, sync_update, awareness_message, query_awareness, auth_message>;

/// Reads one frame's payload; views point into it. Errors: malformed (unknown type or step, lengths that do
/// not fit, trailing bytes), too_large.
result<message> read_message(std::string_view payload);

std::string write_sync_step_1(const state_vector& known);
std::string write_sync_step_2(std::string_view update);
std::string write_sync_update(std::string_view update);
std::string write_awareness(std::string_view awareness_update);
std::string write_permission_denied(std::string_view reason);

} // namespace studium::yjs
