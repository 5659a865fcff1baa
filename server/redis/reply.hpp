// A Redis reply as a plain value: hiredis stays inside this folder's .cpp files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace studium::redis {

struct reply {
    enum class kind { nil, integer, text, status, error, array };
    kind type = kind::nil;
    std::int64_t number = 0;  // integer
    std::string text;         // text, status and error
    std::vector<reply> items; // array

    bool is_nil() const noexcept { return type == kind::nil; }
    bool is_error() const noexcept { return type == kind::error; }
    /// The first word of an error: "MISCONF", "OOM", "READONLY", "LOADING", "NOSCRIPT", "ERR"…
    std::string_view error_code() const noexcept;
};

} // namespace studium::redis
