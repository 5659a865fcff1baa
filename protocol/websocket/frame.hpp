// Server-to-client WebSocket frames (RFC 6455, section 5.2), encoded once and shared by every receiver.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace studium::websocket {

enum class opcode : std::uint8_t { text = 0x1, binary = 0x2 };

/// One whole unfragmented, unmasked frame: header and payload, ready for the socket.
class frame {
public:
    frame(opcode kind, std::string_view payload);
    std::string_view wire() const noexcept { return wire_; }
    std::string_view payload() const noexcept { return std::string_view{wire_}.substr(header_); }
    opcode kind() const noexcept { return kind_; }

private:
    std::string wire_;
    std::uint8_t header_;
    opcode kind_;
};

using shared_frame = std::shared_ptr<const frame>;

inline shared_frame make_frame(opcode kind, std::string_view payload) {
    return std::make_shared<const frame>(kind, payload);
}

} // namespace studium::websocket
