// HTTP as handlers see it: plain values.
#pragma once

#include "server/core/socket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace studium::edge {

struct http_request {
    std::string method;                                      // "GET"
    std::string path;                                        // percent-decoded, begins with '/', no query
    std::vector<std::pair<std::string, std::string>> query;  // percent-decoded, in order
    std::vector<std::pair<std::string, std::string>> fields; // header fields, names in lower case
    std::string body;
    std::string remote_address; // of the TCP peer

    /// First value of a query parameter or header field; nothing where it is absent.
    std::optional<std::string_view> query_value(std::string_view name) const;
    std::optional<std::string_view> field(std::string_view lower_case_name) const;
    /// The token of `Authorization: Bearer …`, else of `?token=…`.
    std::optional<std::string_view> token() const;
};

struct http_response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields; // further header fields
};

/// {"error":{"kind":…,"message":…}} with the status that fits the failure (404 for not_found, 503 with
/// Retry-After for store_unavailable, …). The message is for people and says what to do next.
http_response error_response(errc kind, std::string_view message);

using http_handler = std::function<task<http_response>(const http_request&)>;

/// A WebSocket upgrade that was let in: whose worker the socket moves to, and who serves it there.
/// `open` runs on that worker, after the handshake. Text and binary message sizes are bounded alike.
struct admitted {
    worker* home;
    std::size_t max_message_bytes;
    std::function<std::unique_ptr<socket_handler>(socket&)> open;
};

/// Decides on an upgrade before it is answered. Refusing with an HTTP status is the one behaviour that
/// makes every Yjs provider in the world back off.
using socket_gate = std::function<task<std::variant<admitted, http_response>>(const http_request&)>;

struct route {
    std::string method; // "GET"; empty for a socket route
    std::string path;   // exact, or a prefix where it ends in '/' followed by '*': "/collab/*"
    http_handler handle;
    socket_gate gate;
};

} // namespace studium::edge
