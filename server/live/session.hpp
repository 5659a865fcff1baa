// One socket on /live: JSON-RPC 2.0, one request a frame, answered in the order in which they came.
#pragma once

#include "protocol/rpc/messages.hpp"
#include "server/cohort/room.hpp"
#include "server/core/socket.hpp"
#include "server/core/token_bucket.hpp"
#include "server/identity/access.hpp"
#include "server/room/directory.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace studium::live {

struct limits {
    std::size_t max_message_bytes = 16 * 1024;
    std::chrono::milliseconds hello_timeout{10'000};      // over it: 4508
    std::size_t max_waiting_requests = 64;                // of one socket; over it: 4429
    unsigned max_malformed = 10;                          // frames that are no request; over it: 4400
    double requests_per_second = 20, request_burst = 100; // over it: error rate_limited
    unsigned max_refusals = 100;                          // of that kind; over it: 4429
    double joins_per_minute = 6, join_burst = 6;          // tries of a code, of one socket
    cohort::limits cohort;
};

struct context {
    room::directory* rooms;
    live::limits limits;
    std::string server_name; // "studium/0.1.0"
};

/// A socket handler that serves one socket; `context` outlives it.
std::unique_ptr<socket_handler> open_session(socket&, const context&);

/// The cohort's room, on its worker; begun if it does not exist. For whoever seeds one.
task<result<std::shared_ptr<cohort::cohort_room>>> open_cohort(const context&, cohort_id);

} // namespace studium::live
