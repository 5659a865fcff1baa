// What a request must satisfy before anyone acts on it. Pure functions over text.
#pragma once

#include "server/edge/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace studium::edge {

/// Splits and decodes a request target (origin or absolute form) into the request's path and query.
/// False for a bad escape, a control character, text that is not UTF-8, an encoded '/', or a "." or ".."
/// segment. O(bytes).
bool read_target(std::string_view target, http_request& into);

/// Why the message's framing or its host is not acceptable (RFC 9112, sections 3.2 and 6); nothing where it
/// is. We take no transfer coding at all: that leaves request smuggling no ground.
std::optional<http_response> framing_fault(const http_request&, bool http_1_1);

/// Whether `token` stands in a comma-separated list field, compared without case (RFC 9110, section 5.6.1).
bool has_token(const http_request&, std::string_view lower_case_field, std::string_view lower_case_token);
bool accepts_gzip(const http_request&);

bool wants_websocket(const http_request&);
/// Why the opening handshake is not acceptable (RFC 6455, section 4.2.1); nothing where it is.
std::optional<http_response> handshake_fault(const http_request&, bool http_1_1);
/// The first sub-protocol offered; empty where none is.
std::string offered_protocol(const http_request&);

/// A refusal with a status of its own.
http_response refusal(int status, std::string_view kind, std::string_view message);

} // namespace studium::edge
