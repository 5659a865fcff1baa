// One WebSocket, from the handshake on. Beast lives in ws_session.cpp.
#pragma once

#include "server/edge/connection_table.hpp"
#include "server/edge/http.hpp"

#include <memory>
#include <string>

namespace studium::edge {

class shard;

/// An upgrade that was let in, on its way to its worker. Owns the socket.
struct upgrade {
    upgrade(int native, bool v6, connection_table::place p)
        : descriptor{native}, is_v6{v6}, place{std::move(p)} {}
    upgrade(upgrade&& other) noexcept;
    upgrade& operator=(upgrade&&) = delete;
    ~upgrade();

    int descriptor; // -1: handed on
    bool is_v6;
    connection_table::place place;
    std::string key;      // Sec-WebSocket-Key, checked
    std::string protocol; // the sub-protocol to answer; empty: none was offered
    std::string early;    // bytes that came behind the request
    std::size_t max_message_bytes = 0;
    std::function<std::unique_ptr<socket_handler>(socket&)> open;
};

/// Answers the handshake and serves the socket until it is gone. Call on the shard's worker.
void start_ws_session(std::shared_ptr<shard>, upgrade);

} // namespace studium::edge
