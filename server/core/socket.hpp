// What the rest of the server sees of one WebSocket. The edge implements `socket`; whoever serves it
// implements `socket_handler`. No Beast in sight: a file that includes this compiles in a second.
#pragma once

#include "protocol/base/close_code.hpp"
#include "protocol/websocket/frame.hpp"
#include "server/core/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace studium {

/// One open WebSocket. It belongs to one worker, and every member is called on that worker's thread only.
class socket {
public:
    virtual ~socket() = default;

    virtual worker& home() noexcept = 0;
    /// Unique in this process; for logs.
    virtual std::uint64_t number() const noexcept = 0;

    /// Queues a frame; it leaves at the end of this turn together with all others of this socket, in order.
    /// Over the outbox's bound (bytes) the socket is closed with close_codes::too_slow instead.
    virtual void send(websocket::shared_frame) = 0;
    /// Bytes queued that the kernel has not taken. More than 0 after a turn means: the client reads slowly.
    virtual std::size_t queued_bytes() const noexcept = 0;
    /// The kernel did not take everything at the last flush: on_drained() will come.
    virtual bool congested() const noexcept { return false; }

    /// While reading is paused nothing is taken from the kernel, so that TCP slows the sender down.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

    /// Sends what is queued, then a close frame; waits a bounded time for the peer's answer, reading and
    /// discarding meanwhile so that the peer sees the code and not a reset. Idempotent.
    virtual void close(close_code) = 0;
};

/// What lives above one socket. It is destroyed after on_close(), on the socket's worker.
class socket_handler {
public:
    virtual ~socket_handler() = default;
    /// One whole message; `payload` is valid during the call. Never called after on_close().
    virtual void on_message(websocket::opcode kind, std::string_view payload) = 0;
    /// The queue, once not empty after a turn, is empty again.
    virtual void on_drained() {}
    /// The socket is gone, whoever closed it: the last call. `send` and `close` do nothing from here on.
    virtual void on_close() noexcept = 0;
};

} // namespace studium
