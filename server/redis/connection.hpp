// The part that link and subscriber share: one connection that connects, signs in, and does so again whenever
// it was lost. It knows bytes and replies, not what they answer.
#pragma once

#include "server/redis/link.hpp"
#include "server/redis/resp.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace studium::redis {

/// What a connection tells its user, always from a handler of its own on the worker.
class connection_user {
public:
    virtual ~connection_user() = default;
    /// Signed in, and Redis has loaded its data.
    virtual void on_up() = 0;
    /// All replies that one read brought, in order.
    virtual void on_replies(std::vector<reply> replies) = 0;
    /// What was sent and is not answered will not be answered.
    virtual void on_down() = 0;
};

// Of hiredis only the reader is used, and not redisAsyncContext: that one cannot tell a PONG while subscribed
// (it keeps a callback for every PING for ever), asserts on replies it does not know, reads 16 KiB at a time
// and frees itself inside its callbacks.
class connection : public std::enable_shared_from_this<connection> {
public:
    using clock = std::chrono::steady_clock;

    connection(worker&, endpoint, link_options, std::weak_ptr<connection_user>);

    void start();
    /// For good; the user hears nothing any more.
    void stop();
    /// Drops the connection and connects again; the user hears on_down() if it was up.
    void cut(std::string_view reason);

    bool up() const noexcept { return state_ == state::up; }
    const std::string& run_id() const noexcept { return run_id_; }
    /// Why the last attempt or connection ended; empty while up.
    const std::string& last_error() const noexcept { return last_error_; }
    /// Whether bytes have arrived that are not read yet.
    bool has_unread() const;

    /// Where commands are appended. What was appended leaves at the end of the turn, in one write.
    std::string& outgoing();

private:
    using executor = asio::io_context::executor_type;
    using protocol = asio::generic::stream_protocol;
    using resolver = asio::ip::basic_resolver<asio::ip::tcp, executor>;
    using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor>;
    enum class state { idle, connecting, up, pausing, stopped };
    struct wire;

    void attempt();
    void resolve();
    void connect(const protocol::endpoint&);
    void sign_in();
    void read();
    void on_bytes(std::size_t count);
    void on_sign_in_answers(std::vector<reply> answers);
    void flush();
    void write_rest();
    void lose(std::string_view reason);
    std::chrono::milliseconds next_pause();
    void arm(clock::duration, void (connection::*)());
    void disarm();
    void on_connect_timeout();

    worker& worker_;
    const endpoint endpoint_;
    const link_options options_;
    const std::weak_ptr<connection_user> user_;
    state state_ = state::idle;
    std::shared_ptr<wire>
        wire_; // one per attempt: handlers of an earlier one see that it is no longer theirs
    resolver resolver_;
    timer timer_; // the limit of an attempt, or the pause before the next
    unsigned timer_ticket_ = 0;
    bool flush_wanted_ = false;
    unsigned attempts_ = 0; // without a connection that held
    clock::time_point up_since_{};
    std::minstd_rand random_;
    std::string run_id_, last_error_;
};

} // namespace studium::redis
