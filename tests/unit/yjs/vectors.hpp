// vectors.json: bytes made by the npm packages that it names, with what they mean.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace studium::yjs::test {

/// The file, read once.
const nlohmann::json& vectors();

/// The text under `key`.
std::string field(const nlohmann::json& vector, const char* key);

/// Bytes of lower-case hex; spaces between bytes are passed over.
std::string bytes(std::string_view hex);
std::string hex(std::string_view bytes);
std::string var_uint(std::uint64_t);

/// The update with one section of client 9 at clock 0 that holds `structs` (hex), and no deletes.
std::string update_of(std::initializer_list<std::string_view> structs);

} // namespace studium::yjs::test
