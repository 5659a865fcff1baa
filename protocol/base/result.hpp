// Named failures that travel as values. An exception means a bug; it never means bad input.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string_view>
#include <type_traits>

namespace studium {

enum class errc {
    malformed = 1,     // bytes or text that break their own format
    too_large,         // over a configured limit
    not_found,         // no such thing, or not for you: the two look the same
    forbidden,         // known to you, yet not yours to do
    not_signed_in,     // no token, or one that is not (any longer) good
    full,              // no place left: group, room, connection table
    rate_limited,      // too many in too short a time
    conflict,          // checked against a version that is no longer the newest
    invalid,           // well-formed, and still not acceptable
    timed_out,         // no answer within the deadline
    store_unavailable, // the store took nothing: nothing was changed
    indeterminate,     // the store may or may not have taken it
    closed,            // the thing asked has been shut
};

const boost::system::error_category& studium_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), studium_category()};
}

/// The name of a failure as it stands in logs and metrics, e.g. "store_unavailable".
std::string_view name_of(errc e) noexcept;

template <class T> using result = boost::system::result<T>;
using error_code = boost::system::error_code;

} // namespace studium

template <> struct boost::system::is_error_code_enum<studium::errc> : std::true_type {};
