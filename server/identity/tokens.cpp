#include "server/identity/tokens.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace studium::identity {

void start_randomness() {
    if (sodium_init() < 0) throw std::runtime_error{"the system's random generator does not work"};
}

std::string new_token() {
    std::array<unsigned char, 16> bits{};
    randombytes_buf(bits.data(), bits.size());
    std::array<char, 24> text{}; // 22 characters and a NUL
    sodium_bin2base64(text.data(), text.size(), bits.data(), bits.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.data();
}

std::string new_id(std::string_view prefix) { return std::string{prefix} + '-' + new_token(); }

std::string new_code() {
    constexpr std::string_view letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    std::string code;
    for (int i = 0; i < 8; ++i)
        code.push_back(letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))]);
    return code;
}

std::string hash_of(std::string_view token) {
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size(), nullptr, 0);
    std::array<char, 65> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

} // namespace studium::identity
