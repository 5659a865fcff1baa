// One pipelined connection to Redis that reconnects by itself.
#pragma once

#include "server/core/worker.hpp"
#include "server/redis/reply.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace studium::redis {

struct endpoint {
    std::string unix_socket;        // where not empty: this, else host and port
    std::string host = "127.0.0.1"; // an address, or a name that is looked up at each connecting
    std::uint16_t port = 6379;
    std::string user, password; // AUTH where password is not empty
    std::string text() const;   // for logs and error messages; without the password
    /// "unix:/path", "/path", "host[:port]", "[v6 address][:port]", "redis://[[user]:password@]host[:port]"
    /// (user and password percent-encoded). No database number: Redis Cluster has none, so we use none.
    static result<endpoint> parse(std::string_view text);
};

struct link_options {
    std::chrono::milliseconds connect_timeout{3'000}; // until signed in
    /// The oldest unanswered command may wait this long; then the connection is cut, all that were sent fail
    /// with errc::indeterminate, and the link reconnects.
    std::chrono::milliseconds command_timeout{5'000};
    /// Reconnects wait a random time in between; its upper end doubles with each failed attempt.
    std::chrono::milliseconds min_backoff{50}, max_backoff{2'000};
};

/// A Lua script (scripts.hpp has those of this folder), called by its hash and sent whole on NOSCRIPT.
struct script {
    std::string_view name;
    std::string_view source;
    std::string_view sha1{}; // of the source, in hex; where empty, the source is sent each time
};

/// Failure of a command: errc::store_unavailable (never sent: nothing was changed) or errc::indeterminate
/// (sent, no answer came). An error that Redis itself answers is a reply of kind error.
using reply_handler = std::function<void(result<reply>)>;

/// Belongs to one worker. Handlers run on it, never inside the call that registered them and never inside a
/// frame of hiredis. All commands of a turn leave in one write.
class link {
public:
    link(worker&, endpoint, link_options);
    ~link(); // pending commands fail as above, before it returns
    link(const link&) = delete;
    link& operator=(const link&) = delete;

    /// Called on each change: once signed in to a Redis that has loaded its data (with the server's run_id,
    /// which changes when Redis was restarted or another server answers) and after losing the connection
    /// (with an empty one; the commands that were in flight have failed by then). Several may be registered;
    /// each is told the present state first if the link is up.
    void on_change(std::function<void(std::string_view run_id)>);
    void start();
    bool up() const noexcept;
    /// Why the last connection or attempt ended ("WRONGPASS …", "Connection refused"); empty while up.
    std::string_view last_error() const noexcept;
    /// Commands sent and not yet answered.
    std::size_t in_flight() const noexcept;

    /// Copies the arguments before it returns. While the link is down it fails at once: nothing is queued.
    void command(std::span<const std::string_view> arguments, reply_handler);
    void command(std::initializer_list<std::string_view> arguments, reply_handler);
    /// Where Redis did not know the script, it runs after the commands that were sent meanwhile.
    void run_script(const script&, std::span<const std::string_view> keys,
                    std::span<const std::string_view> arguments, reply_handler);
    /// The same, awaited. A waiter that is cancelled gets errc::indeterminate: the command may have been
    /// sent.
    task<result<reply>> run(std::vector<std::string> arguments);

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

} // namespace studium::redis
