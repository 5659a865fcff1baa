// Secrets and ids from the system's random generator (libsodium).
#pragma once

#include <string>
#include <string_view>

namespace studium::identity {

/// Call once, before anything else here. Throws std::runtime_error where the system has no randomness.
void start_randomness();

/// 128 random bits as 22 characters of base64url: an opaque token that needs no signature.
std::string new_token();
/// 128 random bits as an id with a prefix that says what it names: "p-…".
std::string new_id(std::string_view prefix);
/// 8 characters out of 31 that cannot be mistaken for each other when spoken or written: no 0 O 1 I L. 39
/// bits.
std::string new_code();

/// What is kept of a token: a keyless BLAKE2b hash (libsodium's crypto_generichash) in hex, 256 bits. A token
/// has full entropy, so it needs neither salt nor a slow hash.
std::string hash_of(std::string_view token);

} // namespace studium::identity
