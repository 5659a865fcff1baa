#include "protocol/rpc/text.hpp"

#include <algorithm>
#include <array>

namespace studium::rpc {

namespace {

/// The code point at the front of valid UTF-8, and its length in bytes.
std::pair<char32_t, std::size_t> front(std::string_view s) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(s[i])); };
    if (byte(0) < 0x80) return {byte(0), 1};
    if (byte(0) < 0xe0 && s.size() > 1) return {(byte(0) & 0x1f) << 6 | (byte(1) & 0x3f), 2};
    if (byte(0) < 0xf0 && s.size() > 2)
        return {(byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
    if (s.size() > 3)
        return {(byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f),
                4};
    return {0, 1};
}

bool is_space(char32_t c) {
    return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
           c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool is_forbidden(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

} // namespace

std::size_t code_points(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::optional<std::string> clean_name(std::string_view utf8) {
    std::size_t begin = 0, end = 0; // of what is not white space
    bool begun = false;
    for (std::size_t at = 0; at < utf8.size();) {
        const auto [c, size] = front(utf8.substr(at));
        if (is_forbidden(c)) return std::nullopt;
        if (!is_space(c)) {
            if (!begun) begin = at;
            begun = true;
            end = at + size;
        }
        at += size;
    }
    if (!begun) return std::nullopt;
    return std::string{utf8.substr(begin, end - begin)};
}

std::string plain_code(std::string_view code) {
    std::string plain;
    for (const char c : code) {
        if (c == ' ' || c == '-') continue;
        plain.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return plain;
}

} // namespace studium::rpc
