#pragma once

#include "protocol/yjs/awareness.hpp"
#include "protocol/yjs/update.hpp"

#include <cstddef>

namespace studium::workspace {

/// What one workspace, and one socket of it, may cost. Each is answered with a close code of its own.
struct limits {
    yjs::update_limits update; // of one update: 1009 over its size, 4400 when it is no update
    yjs::awareness_limits awareness;
    std::size_t max_document_bytes = 5 * 1024 * 1024; // encoded; over it: 4413
    std::size_t max_sockets = 64;                     // of one workspace; one more: 1013
    std::size_t max_cursors_per_socket = 8; // Yjs client ids shown through one socket; more are not shown
    std::size_t max_unstored_bytes = 256 * 1024; // of one socket, before it is read on
    std::size_t max_backlog_bytes = 1024 * 1024; // merged updates for a slow reader; over it: 1013
    double messages_per_second = 400;            // of one socket, over time; over it: 4429
    double message_burst = 4000;
};

} // namespace studium::workspace
