#include "protocol/yjs/utf8.hpp"

#include "protocol/yjs/lib0.hpp"

#include <cstring>

namespace studium::yjs {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

bool continues(unsigned char b) noexcept { return (b & 0xc0) == 0x80; }

/// Bytes of the code point at the start of `s`, whose first byte is no ASCII; 0 where it is malformed.
std::size_t sequence_length(const unsigned char* s, std::size_t left) noexcept {
    const unsigned first = s[0];
    if (first < 0xc2 || first > 0xf4) return 0;
    if (first < 0xe0) return left >= 2 && continues(s[1]) ? 2 : 0;
    if (first < 0xf0) {
        if (left < 3 || !continues(s[1]) || !continues(s[2])) return 0;
        if (first == 0xe0 && s[1] < 0xa0) return 0;  // overlong
        if (first == 0xed && s[1] >= 0xa0) return 0; // surrogate
        return 3;
    }
    if (left < 4 || !continues(s[1]) || !continues(s[2]) || !continues(s[3])) return 0;
    if (first == 0xf0 && s[1] < 0x90) return 0;  // overlong
    if (first == 0xf4 && s[1] >= 0x90) return 0; // above U+10FFFF
    return 4;
}

/// How many of the first bytes are ASCII, by steps of eight; may stop early.
std::size_t ascii_run(const unsigned char* s, std::size_t left) noexcept {
    std::size_t n = 0;
    for (; left - n >= 8; n += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, s + n, sizeof eight);
        if (eight & 0x8080808080808080U) break;
    }
    return n;
}

} // namespace

std::optional<std::uint64_t> utf16_length(std::string_view text) noexcept {
    const auto* s = reinterpret_cast<const unsigned char*>(text.data());
    std::uint64_t units = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (const auto ascii = ascii_run(s + i, text.size() - i); ascii != 0) {
            i += ascii;
            units += ascii;
            continue;
        }
        // Up to eight steps before the next try for a run: texts mix letters and marks.
        for (unsigned step = 0; step < 8 && i < text.size(); ++step) {
            if (s[i] < 0x80) {
                ++i;
                ++units;
                continue;
            }
            const auto bytes = sequence_length(s + i, text.size() - i);
            if (bytes == 0) return std::nullopt;
            i += bytes;
            units += bytes == 4 ? 2 : 1;
        }
    }
    return units;
}

void write_string_from(std::string& out, std::string_view text, std::uint64_t units) {
    const auto* s = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t i = 0;
    std::uint64_t passed = 0;
    while (passed < units && i < text.size()) {
        const std::size_t bytes = s[i] < 0x80 ? 1 : sequence_length(s + i, text.size() - i);
        i += bytes;
        passed += bytes == 4 ? 2 : 1;
    }
    const auto rest = text.substr(i);
    if (passed == units) return write_var_bytes(out, rest);
    write_var_uint(out, replacement.size() + rest.size());
    out.append(replacement).append(rest);
}

} // namespace studium::yjs
