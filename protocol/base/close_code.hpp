// Why a socket was closed, and whether to come back. The web client reads the same table
// (protocol/schema/close-codes.json), and a test holds the two together.
#pragma once

#include <cstdint>
#include <string_view>

namespace studium {

/// `reason` must stay within the 123 bytes that a close frame can carry (RFC 6455, section 5.5).
struct close_code {
    std::uint16_t code;
    std::string_view reason;
    bool reconnect; // told, never guessed: may the client come back by itself?
};

// 44xx: do not come back by yourself (stock y-websocket 3.1 reads them so). Everything else: come back.
namespace close_codes {
inline constexpr close_code normal{1000, "bye", false};
inline constexpr close_code going_away{1001, "server is going away", true};
inline constexpr close_code wrong_frame_kind{1003, "this socket takes no frames of that kind", false};
inline constexpr close_code too_big{1009, "message is larger than the limit", false};
inline constexpr close_code internal_error{1011, "internal error", true};
inline constexpr close_code restarting{1012, "server restarts", true};
inline constexpr close_code too_slow{1013, "client reads too slowly", true};
inline constexpr close_code overloaded{1013, "too busy, try again later", true};
inline constexpr close_code malformed{4400, "malformed message", false};
inline constexpr close_code not_signed_in{4401, "not signed in", false};
inline constexpr close_code forbidden{4403, "not allowed here", false};
inline constexpr close_code not_found{4404, "no such room", false};
inline constexpr close_code document_full{4413, "document is full", false};
inline constexpr close_code flooding{4429, "too many messages", false};
inline constexpr close_code no_hello{4508, "no hello within the time limit", true};
inline constexpr close_code history_changed{4509, "the room's history changed: reload", true};
} // namespace close_codes

} // namespace studium
