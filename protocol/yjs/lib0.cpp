#include "protocol/yjs/lib0.hpp"

#include "protocol/yjs/utf8.hpp"

#include <boost/container/small_vector.hpp>

namespace studium::yjs {

void reader::fail(errc why) noexcept {
    if (!failed_) why_ = why;
    failed_ = true;
    at_ = end_;
}

std::uint64_t reader::long_var_uint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 56 && at_ != end_; shift += 7) {
        const auto b = static_cast<std::uint8_t>(*at_++);
        value |= static_cast<std::uint64_t>(b & 0x7f) << shift;
        if (b >= 0x80) continue;
        if (value > max_safe_integer) break;
        return value;
    }
    fail();
    return 0;
}

std::uint64_t reader::count(std::size_t each) noexcept {
    const auto n = var_uint();
    if (n <= left() / each) return n;
    fail();
    return 0;
}

void reader::skip_var_int() noexcept {
    auto b = byte();
    std::uint64_t magnitude = b & 0x3f;
    for (unsigned shift = 6; b >= 0x80; shift += 7) {
        if (shift > 48) return fail(); // 6 + 7·7 bits hold 2^53-1
        b = byte();
        magnitude |= static_cast<std::uint64_t>(b & 0x7f) << shift;
    }
    if (magnitude > max_safe_integer) fail();
}

std::string_view reader::take(std::uint64_t size) noexcept {
    if (size > left()) return fail(), std::string_view{};
    const std::string_view out{at_, static_cast<std::size_t>(size)};
    at_ += size;
    return out;
}

std::string_view reader::var_string(std::uint64_t* utf16_units) noexcept {
    const auto text = var_bytes();
    const auto units = utf16_length(text);
    if (!units) return fail(), std::string_view{};
    if (utf16_units) *utf16_units = *units;
    return text;
}

namespace {

struct open_any {
    std::uint64_t left; // elements still to come
    bool object;
};
using open_anys = boost::container::small_vector<open_any, 8>;

void open(reader& in, open_anys& stack, bool object, std::size_t max_depth) {
    const auto n = in.count(object ? 2 : 1); // a key takes a byte at least, and so does a value
    if (stack.size() >= max_depth) return in.fail(errc::too_large);
    stack.push_back({n, object});
}

void skip_one(reader& in, open_anys& stack, std::size_t max_depth) {
    switch (in.byte()) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
        return;
    case 125: return in.skip_var_int();
    case 124: in.take(4); return;
    case 123: // float64
    case 122: // bigint
        in.take(8);
        return;
    case 119: in.var_string(); return;
    case 118: return open(in, stack, true, max_depth);
    case 117: return open(in, stack, false, max_depth);
    case 116: in.var_bytes(); return;
    default: return in.fail();
    }
}

} // namespace

void skip_any(reader& in, std::size_t max_depth) {
    open_anys stack;
    for (;;) {
        skip_one(in, stack, max_depth);
        while (!stack.empty() && stack.back().left == 0) stack.pop_back();
        if (stack.empty() || !in.ok()) return;
        --stack.back().left;
        if (stack.back().object) in.var_string();
    }
}

void write_var_uint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(0x80 | (value & 0x7f)));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void write_var_bytes(std::string& out, std::string_view bytes) {
    write_var_uint(out, bytes.size());
    out.append(bytes);
}

} // namespace studium::yjs
