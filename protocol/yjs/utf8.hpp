// UTF-8 as JavaScript's fatal TextDecoder reads it, counted as JavaScript counts: in UTF-16 code units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace studium::yjs {

/// Length in UTF-16 code units; nothing where the bytes are no UTF-8 (overlong forms, surrogates, above
/// U+10FFFF, cut short; Unicode 15, table 3-7). Linear.
std::optional<std::uint64_t> utf16_length(std::string_view text) noexcept;

/// Appends `text` without its first `units` code units, as a varString. A cut inside a surrogate pair leaves
/// U+FFFD in place of the low half, as Yjs does. `text` is valid UTF-8 and longer than that.
void write_string_from(std::string& out, std::string_view text, std::uint64_t units);

} // namespace studium::yjs
