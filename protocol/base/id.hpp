// One type per kind of id, so that a person's id where a room's belongs does not compile.
#pragma once

#include <algorithm>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace studium {

inline constexpr std::size_t max_id_length = 64;

/// An id is 1 to 64 of [A-Za-z0-9_-]: safe in a URL's path, a Redis key and a log line as it stands.
inline bool is_id(std::string_view text) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= max_id_length && std::all_of(text.begin(), text.end(), allowed);
}

template <class Tag> class id {
public:
    id() = default;
    explicit id(std::string value) : value_{std::move(value)} {}
    /// From outside: nothing where the text is no id.
    static std::optional<id> parse(std::string_view text) {
        if (!is_id(text)) return std::nullopt;
        return id{std::string{text}};
    }
    const std::string& str() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }
    auto operator<=>(const id&) const = default;

private:
    std::string value_;
};

using school_id = id<struct school_tag>;
using person_id = id<struct person_tag>;
using cohort_id = id<struct cohort_tag>;
using group_id = id<struct group_tag>;
using workspace_id = id<struct workspace_tag>;

} // namespace studium

template <class Tag> struct std::hash<studium::id<Tag>> {
    std::size_t operator()(const studium::id<Tag>& v) const noexcept {
        return std::hash<std::string>{}(v.str());
    }
};
