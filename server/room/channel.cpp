#include "server/room/channel.hpp"

namespace studium::room {

// kind, then node, position and origin as one length byte and that many bytes each, then the payload.

namespace {

constexpr std::string_view kinds = "haefby"; // in the order of channel_message::kind

void put(std::string& out, std::string_view field) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(field.size())));
    out.append(field);
}

bool take(std::string_view& rest, std::string_view& field) {
    if (rest.empty()) return false;
    const std::size_t size = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    if (size > rest.size()) return false;
    field = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
}

} // namespace

std::string write_channel_message(const channel_message& m) {
    std::string out;
    out.reserve(96 + m.payload.size());
    out.push_back(kinds[static_cast<std::size_t>(m.what)]);
    put(out, m.node);
    put(out, m.at.text());
    put(out, m.origin);
    out.append(m.payload);
    return out;
}

std::optional<channel_message> read_channel_message(std::string_view bytes) {
    if (bytes.empty()) return std::nullopt;
    const auto kind = kinds.find(bytes.front());
    if (kind == std::string_view::npos) return std::nullopt;
    bytes.remove_prefix(1);
    std::string_view node, at, origin;
    if (!take(bytes, node) || !take(bytes, at) || !take(bytes, origin)) return std::nullopt;
    const auto position = position::parse(at);
    if (!position) return std::nullopt;
    return channel_message{static_cast<channel_message::kind>(kind), std::string{node}, *position,
                           std::string{origin}, std::string{bytes}};
}

} // namespace studium::room
