// The y-websocket dialect: y-protocols messages, one per binary frame, and two of our own that only clients
// get which ask for them (`?ack=1`): a stock provider is never sent a type that it does not know.
#pragma once

#include "protocol/yjs/sync.hpp"

#include <cstdint>
#include <string>

namespace studium::collab {

/// Followed by a varUint: how many of this socket's step-2 and update frames are stored.
inline constexpr std::uint64_t stored_type = 64;
/// Followed by a varUint: 1 the store takes changes, 0 it does not.
inline constexpr std::uint64_t storage_type = 65;

std::string write_stored(std::uint64_t count);
std::string write_storage(bool available);

} // namespace studium::collab
