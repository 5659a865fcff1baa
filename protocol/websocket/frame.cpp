#include "protocol/websocket/frame.hpp"

namespace studium::websocket {

frame::frame(opcode kind, std::string_view payload) : header_{2}, kind_{kind} {
    const std::uint64_t size = payload.size();
    const int length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
    header_ = static_cast<std::uint8_t>(2 + length_bytes);
    wire_.reserve(header_ + payload.size());
    wire_.push_back(static_cast<char>(0x80 | static_cast<std::uint8_t>(kind)));
    wire_.push_back(static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
    for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8)
        wire_.push_back(static_cast<char>((size >> shift) & 0xff));
    wire_.append(payload);
}

} // namespace studium::websocket
