// A place in a room's log. The two numbers are the two halves of a Redis stream id: the epoch stands where
// Redis would put milliseconds, the number counts from 0 within the epoch. So Redis itself numbers without
// gaps (XADD <epoch>-*), a follower sees a gap by subtraction, and an append under an old epoch is refused.
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace studium::room {

struct position {
    std::uint64_t epoch = 0;
    std::uint64_t number = 0;

    auto operator<=>(const position&) const = default;
    bool is_right_after(const position& p) const noexcept {
        return epoch == p.epoch && number == p.number + 1;
    }
    position next() const noexcept { return {epoch, number + 1}; }

    std::string text() const { return std::to_string(epoch) + '-' + std::to_string(number); }
    static std::optional<position> parse(std::string_view text) {
        position p;
        const char* const end = text.data() + text.size();
        const auto epoch = std::from_chars(text.data(), end, p.epoch);
        if (epoch.ec != std::errc{} || epoch.ptr == end || *epoch.ptr != '-') return std::nullopt;
        const auto number = std::from_chars(epoch.ptr + 1, end, p.number);
        if (number.ec != std::errc{} || number.ptr != end) return std::nullopt;
        return p;
    }
};

} // namespace studium::room
