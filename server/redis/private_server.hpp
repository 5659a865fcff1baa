// The embedded default: a Redis of our own as a child process, on a Unix socket, append-only, every write
// synced.
#pragma once

#include "protocol/base/result.hpp"
#include "server/redis/link.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace studium::redis {

/// Owns DIR/redis.sock, DIR/redis.conf, DIR/redis.log, DIR/redis.pid, DIR/lock and DIR/appendonlydir.
class private_server {
public:
    struct options {
        std::filesystem::path directory; // created with mode 0700 where absent
        std::string program = "redis-server";
        std::string appendfsync = "always";
    };
    /// Starts the child and waits until it answers PING and has loaded its file. A leftover of an earlier run
    /// on the same directory (its parent was killed) is asked to shut down first and waited for; a second
    /// server on one directory is refused by a lock. Throws std::runtime_error with what to do next.
    explicit private_server(options);
    /// SIGTERM, waits, SIGKILL after 10 s.
    ~private_server();

    const endpoint& address() const noexcept;
    /// The child's pid; 0 while it is being restarted. From any thread.
    int pid() const noexcept;
    // A child that dies is started again by a thread of its own, with a growing pause while it keeps dying.
    // The child gets SIGTERM when this process dies, however it dies.

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace studium::redis
