// The listener and all its connections, over all workers.
#pragma once

#include "server/edge/http.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace studium::edge {

struct limits {
    std::size_t max_connections = 20'000;            // sockets of all kinds; one more is answered 503
    std::size_t max_connections_per_address = 5'000; // a whole school may sit behind one address
    std::size_t max_header_bytes = 8 * 1024;
    std::size_t max_body_bytes = 64 * 1024;
    std::chrono::milliseconds request_timeout{5'000}; // from accept to the end of the request's head and body
    std::chrono::milliseconds idle_timeout{
        75'000}; // HTTP keep-alive, and a WebSocket without a frame or pong
    std::chrono::milliseconds ping_interval{25'000}; // WebSocket ping to a silent peer
    std::chrono::milliseconds close_timeout{2'000};  // for the peer's answer to a close frame
    std::size_t max_outbox_bytes = 1024 * 1024;      // a socket's queue; over it: close_codes::too_slow
    unsigned max_control_frames_per_second = 20;     // pings and pongs from a peer; over it: 1008
};

struct options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080; // 0: any free port
    edge::limits limits;
    std::filesystem::path static_files; // the built web client; empty: none
    /// Paths that answer with index.html although no such file exists, e.g. "/join/*".
    std::vector<std::string> client_paths;
    /// Sent with every static file, besides the fixed set of security headers.
    std::string content_security_policy;
};

struct counters {
    std::uint64_t connections_open, connections_total, connections_refused;
    std::uint64_t frames_in, frames_out, bytes_in, bytes_out, writes; // writes: system calls
    std::uint64_t closed_too_slow;
    std::uint64_t
        handler_failures; // exceptions of routes and socket handlers: bugs, each answered 500 or 1011
};

class server {
public:
    /// Binds at once (so that port() is known); throws std::system_error where that fails.
    server(options, std::vector<worker*> workers, std::vector<route> routes);
    ~server();

    std::uint16_t port() const;
    void start();
    counters count() const; // from any thread

    /// Stops accepting, closes every WebSocket with `why` and waits until all are gone or the limit is over.
    /// Call while the workers run, from a thread that is none of theirs. Returns whether all were gone.
    bool stop(close_code why, std::chrono::milliseconds limit);

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace studium::edge
