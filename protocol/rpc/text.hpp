// Small rules about text that comes from people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace studium::rpc {

/// Code points of valid UTF-8: what JSON Schema's maxLength counts.
std::size_t code_points(std::string_view utf8) noexcept;

/// A name without white space around it; nothing where it is empty then, or holds a control character or one
/// that overrides the direction of the text around it (U+202A to U+202E, U+2066 to U+2069).
std::optional<std::string> clean_name(std::string_view utf8);

/// A join code as it is stored: upper case, spaces and hyphens gone.
std::string plain_code(std::string_view);

} // namespace studium::rpc
