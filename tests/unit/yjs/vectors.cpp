#include "tests/unit/yjs/vectors.hpp"

#include "protocol/yjs/lib0.hpp"

#include <fstream>

namespace studium::yjs::test {
namespace {

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

} // namespace

const nlohmann::json& vectors() {
    static const auto all = [] {
        std::ifstream file{STUDIUM_SOURCE_DIR "/tests/unit/yjs/vectors.json"};
        return nlohmann::json::parse(file);
    }();
    return all;
}

std::string field(const nlohmann::json& vector, const char* key) { return vector.at(key).get<std::string>(); }

std::string bytes(std::string_view hex) {
    std::string digits;
    for (const char c : hex)
        if (c != ' ') digits.push_back(c);
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out.push_back(static_cast<char>(digit(digits[i]) * 16 + digit(digits[i + 1])));
    return out;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

std::string var_uint(std::uint64_t value) {
    std::string out;
    write_var_uint(out, value);
    return out;
}

std::string update_of(std::initializer_list<std::string_view> structs) {
    auto out = bytes("01") + var_uint(structs.size()) + bytes("0900");
    for (const auto s : structs) out += bytes(s);
    return out + bytes("00");
}

} // namespace studium::yjs::test
