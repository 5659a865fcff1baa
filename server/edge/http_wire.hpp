// Requests and responses as they stand on the wire. Beast's parser lives in http_wire.cpp.
#pragma once

#include "server/edge/http.hpp"
#include "server/edge/server.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace studium::edge {

/// The status line and all fields, with the fixed security headers. A field that holds a line break, which
/// could only have come from a client, is left out.
std::string render_head(const http_response&, std::size_t body_size, bool keep_alive);

/// Reads one request from bytes as they come.
class request_reader {
public:
    explicit request_reader(const edge::limits&);
    ~request_reader();
    request_reader(request_reader&&) noexcept;
    request_reader& operator=(request_reader&&) = delete;

    enum class state { more, head, whole, refused };
    /// Takes what it can from the front of `bytes`. `head` comes once, before the body is read.
    state take(std::string& bytes);

    /// After `head`: what the request says, without target and body.
    const http_request& head() const noexcept { return request_; }
    /// After `whole`: the request, its target not yet read.
    http_request release();
    const std::string& target() const noexcept { return target_; }
    bool http_1_1() const noexcept { return http_1_1_; }
    bool keep_alive() const noexcept { return keep_alive_; }
    bool expects_continue() const noexcept;
    /// After `refused`.
    const http_response& refusal() const noexcept { return refusal_; }

private:
    void read_head();

    struct parser;
    std::unique_ptr<parser> parser_;
    http_request request_;
    std::string target_;
    http_response refusal_;
    bool http_1_1_ = false, keep_alive_ = false, head_seen_ = false;
};

} // namespace studium::edge
