// One line per event, on stderr:
//
//     time=2026-11-21T19:18:00.123Z level=info event=room.opened room=w_8Fq2 entries=14
//
// A log carries ids, counts, durations and codes. It never carries a person's name, a text, a join code, a
// token or an address: whoever may read the logs of a school's server may not read its pupils. So log once,
// at the edge where something is decided or fails, and leave cancellation silent.
#pragma once

#include "protocol/base/id.hpp"
#include "protocol/base/result.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace studium::log {

enum class level { debug, info, warn, error };
enum class format { logfmt, json };

/// "debug", "info", "warn" or "error"; nothing for any other word.
std::optional<level> parse_level(std::string_view word) noexcept;
/// "logfmt" or "json"; nothing for any other word.
std::optional<format> parse_format(std::string_view word) noexcept;

/// What may stand in a line. It only refers to text, which lives on the caller's side during the call.
class value {
public:
    using storage = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    // Implicit on purpose: {{"room", room}, {"entries", n}} should read as it is written.
    value(std::string_view text) : held_{text} {}
    value(const char* text) : held_{std::string_view{text}} {}
    value(const std::string& text) : held_{std::string_view{text}} {}
    template <class Tag> value(const id<Tag>& which) : held_{std::string_view{which.str()}} {}
    value(errc failure) : held_{name_of(failure)} {}
    value(std::same_as<bool> auto flag) : held_{flag} {}
    value(std::signed_integral auto number) : held_{static_cast<std::int64_t>(number)} {}
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    value(T number) : held_{static_cast<std::uint64_t>(number)} {}
    value(double number) : held_{number} {}
    /// In milliseconds; name the key so that it says it: "took_ms".
    template <class Rep, class Period>
    value(std::chrono::duration<Rep, Period> time)
        : held_{std::chrono::duration<double, std::milli>{time}.count()} {}

    const storage& held() const noexcept { return held_; }

private:
    storage held_;
};

/// `key` is [a-z0-9_]+ written in the code, never taken from outside.
struct field {
    std::string_view key;
    log::value value;
};
using fields = std::initializer_list<field>;

/// From any thread, at any time; at the start: info and above, as logfmt.
void configure(level least, format as) noexcept;
/// Whether a line of this level would be written: for fields that cost something to compute.
bool enabled(level) noexcept;

/// Writes one whole line where `at` is enabled; lines of several threads never mix. `event` is a dotted name
/// written in the code: "redis.link_lost".
void write(level at, std::string_view event, fields = {});

inline void debug(std::string_view event, fields with = {}) { write(level::debug, event, with); }
inline void info(std::string_view event, fields with = {}) { write(level::info, event, with); }
inline void warn(std::string_view event, fields with = {}) { write(level::warn, event, with); }
inline void error(std::string_view event, fields with = {}) { write(level::error, event, with); }

/// The line without its newline: what write() puts out. Text keeps printable ASCII only (the rest becomes
/// '?', so that no value can forge a line or turn the reader's terminal around) and 256 bytes of it at most.
std::string render(format, std::chrono::system_clock::time_point, level, std::string_view event, fields);

} // namespace studium::log
