#include "protocol/yjs/json_check.hpp"

#include <boost/container/small_vector.hpp>

namespace studium::yjs {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class scanner {
public:
    explicit scanner(std::string_view text) noexcept : at_{text.data()}, end_{text.data() + text.size()} {}

    bool at_end() const noexcept { return at_ == end_; }
    char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }
    bool take(char c) noexcept {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) noexcept {
        if (!std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    void skip_space() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }
    bool string() noexcept {
        if (!take('"')) return false;
        while (at_ != end_) {
            const char c = *at_++;
            if (c == '"') return true;
            if (c == '\\' ? !escape() : static_cast<unsigned char>(c) < 0x20) return false;
        }
        return false;
    }
    bool number() noexcept {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    /// A member's name and its colon.
    bool name() noexcept {
        skip_space();
        if (!string()) return false;
        skip_space();
        return take(':');
    }

private:
    bool digits() noexcept {
        const char* const from = at_;
        while (at_ != end_ && is_digit(*at_)) ++at_;
        return at_ != from;
    }
    bool escape() noexcept {
        if (at_ == end_) return false;
        const char c = *at_++;
        if (c != 'u') return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos;
        for (int i = 0; i < 4; ++i, ++at_)
            if (at_ == end_ || !is_hex(*at_)) return false;
        return true;
    }

    const char* at_;
    const char* end_;
};

using open_values = boost::container::small_vector<char, 32>; // the closing signs that are due

/// A value that holds no others; objects and arrays are opened, and come back as their kind.
result<json_kind> start_value(scanner& in, open_values& open) {
    in.skip_space();
    if (in.take('{')) return open.push_back('}'), json_kind::object;
    if (in.take('[')) return open.push_back(']'), json_kind::array;
    if (in.peek() == '"') {
        if (in.string()) return json_kind::string;
    } else if (in.take("true") || in.take("false")) {
        return json_kind::boolean;
    } else if (in.take("null")) {
        return json_kind::null;
    } else if (in.number()) {
        return json_kind::number;
    }
    return errc::malformed;
}

/// Just opened: true where a value is due, false where it was closed at once; an error where neither.
result<bool> first_member(scanner& in, open_values& open) {
    in.skip_space();
    if (in.take(open.back())) return open.pop_back(), false;
    if (open.back() == '}' && !in.name()) return errc::malformed;
    return true;
}

/// After a value: closes what ends here. True where another value is due, false at the end of the text.
result<bool> next_member(scanner& in, open_values& open) {
    for (;;) {
        in.skip_space();
        if (open.empty()) {
            if (in.at_end()) return false;
            return errc::malformed;
        }
        if (in.take(',')) {
            if (open.back() == '}' && !in.name()) return errc::malformed;
            return true;
        }
        if (!in.take(open.back())) return errc::malformed;
        open.pop_back();
    }
}

} // namespace

result<json_kind> check_json(std::string_view text, std::size_t max_depth) {
    scanner in{text};
    open_values open;
    const auto whole = start_value(in, open);
    for (auto kind = whole;; kind = start_value(in, open)) {
        if (!kind) return kind.error();
        if (open.size() > max_depth) return errc::too_large;
        if (*kind == json_kind::object || *kind == json_kind::array) {
            const auto member = first_member(in, open);
            if (!member) return member.error();
            if (*member) continue;
        }
        const auto more = next_member(in, open);
        if (!more) return more.error();
        if (!*more) return *whole;
    }
}

} // namespace studium::yjs
