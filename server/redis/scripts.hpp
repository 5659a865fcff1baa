// The Lua scripts of server/redis/scripts, embedded at build time (embed_scripts.cmake).
#pragma once

#include "server/redis/link.hpp"

namespace studium::redis {

/// Compares a stream's last id with the expected one and appends; see its file for arguments and answer.
extern const script compare_and_append;

} // namespace studium::redis
