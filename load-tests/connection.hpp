// One client's WebSocket (RFC 6455) over a non-blocking socket: just enough for a load generator.
#pragma once

#include "protocol/websocket/frame.hpp"

#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <string_view>

namespace studium::load {

/// Counted over all connections of a fleet.
struct traffic {
    std::uint64_t frames_in = 0, bytes_in = 0, reads = 0;
    std::uint64_t frames_out = 0, bytes_out = 0, writes = 0;
};

class connection {
public:
    enum class state { idle, connecting, upgrading, open, closed };
    /// A whole message; the view lives during the call.
    using receiver = std::function<void(websocket::opcode, std::string_view)>;

    connection(int epoll, std::uint64_t number, traffic& counted);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Begins to connect from `from`, and to ask for `request_target` once connected.
    void connect(const sockaddr_in& from, const sockaddr_in& to, std::string_view request_target);
    /// What epoll said of this socket.
    void on_events(std::uint32_t events, const receiver& receive);
    /// Queues one masked binary frame; `flush` hands the queue to the kernel.
    void send(std::string_view payload);
    void flush();
    void close();

    state now() const noexcept { return state_; }
    /// Why it is closed; empty while it is not.
    const std::string& failure() const noexcept { return failure_; }

private:
    void fail(std::string why);
    void begin_upgrade();
    void read_some(const receiver& receive);
    bool take_upgrade_answer();
    void take_frames(const receiver& receive);
    void take_frame(std::uint8_t first, std::string_view payload, const receiver& receive);
    void put_frame(std::uint8_t first, std::string_view payload);
    void watch(bool for_writing);

    int epoll_;
    std::uint64_t number_;
    traffic& traffic_;
    int fd_ = -1;
    state state_ = state::idle;
    bool watching_writes_ = false;
    std::uint32_t mask_;
    std::string request_, in_, out_, message_, failure_;
    websocket::opcode message_kind_ = websocket::opcode::binary;
};

} // namespace studium::load
