// The primitives of lib0 0.2 on which everything of Yjs is written: variable-length integers, strings, `any`.
#pragma once

#include "protocol/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace studium::yjs {

/// The largest integer that JavaScript holds exactly; lib0 throws above it, so nothing above it is read here.
inline constexpr std::uint64_t max_safe_integer = (std::uint64_t{1} << 53) - 1;

/// Reads bytes from outside. Lengths are compared with what is left and never added to a position. The first
/// failure sticks: from then on every read gives zero or nothing and at_end() holds, so a caller may read a
/// whole record and ask ok() once; what loops by a count that was read asks on every turn.
class reader {
public:
    explicit reader(std::string_view bytes) noexcept : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

    bool ok() const noexcept { return !failed_; }
    errc why() const noexcept { return why_; } // where !ok()
    bool at_end() const noexcept { return at_ == end_; }
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    const char* position() const noexcept { return at_; }
    /// What was read since `from`, a former position().
    std::string_view since(const char* from) const noexcept {
        return failed_ ? std::string_view{} : std::string_view{from, static_cast<std::size_t>(at_ - from)};
    }
    void fail(errc why = errc::malformed) noexcept;

    std::uint8_t byte() noexcept {
        if (at_ == end_) return fail(), std::uint8_t{0};
        return static_cast<std::uint8_t>(*at_++);
    }
    /// Up to 2^53-1 in at most 8 bytes; zero-extended forms within them are read, as lib0 does.
    std::uint64_t var_uint() noexcept {
        if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) return static_cast<std::uint8_t>(*at_++);
        return long_var_uint();
    }
    /// A varUint that counts things of at least `each` bytes: more than can follow fails.
    std::uint64_t count(std::size_t each) noexcept;
    void skip_var_int() noexcept;
    std::string_view take(std::uint64_t size) noexcept;
    std::string_view var_bytes() noexcept { return take(var_uint()); }
    /// A varString: valid UTF-8, or it fails. `utf16_units`, where given, gets its length in UTF-16 code
    /// units.
    std::string_view var_string(std::uint64_t* utf16_units = nullptr) noexcept;

private:
    std::uint64_t long_var_uint() noexcept;

    const char* at_;
    const char* end_;
    bool failed_ = false;
    errc why_ = errc::malformed;
};

/// Passes over one `any` value. Arrays and objects nest up to `max_depth`, deeper is too_large; no recursion.
void skip_any(reader&, std::size_t max_depth);

void write_var_uint(std::string& out, std::uint64_t value);
void write_var_bytes(std::string& out, std::string_view bytes);

} // namespace studium::yjs
