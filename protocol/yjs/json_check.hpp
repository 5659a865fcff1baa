// Whether a text is JSON that JavaScript's JSON.parse takes, without building a value.
#pragma once

#include "protocol/base/result.hpp"

#include <cstddef>
#include <string_view>

namespace studium::yjs {

enum class json_kind { object, array, string, number, boolean, null };

/// What stands in `text`, by RFC 8259 as JSON.parse reads it: no byte order mark, lone surrogates may be
/// escaped. `text` is valid UTF-8 already. Errors: malformed, too_large (nested deeper than `max_depth`).
/// Linear, without recursion.
result<json_kind> check_json(std::string_view text, std::size_t max_depth);

} // namespace studium::yjs
