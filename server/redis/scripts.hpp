// The Lua scripts of server/redis/scripts, embedded at build time (embed_scripts.cmake).
#pragma once

#include "server/redis/link.hpp"

namespace studium::redis {

/// Compares a stream's last id with the expected one and appends; see its file for arguments and answer.
extern const script compare_and_append;
/// A room's snapshot and log in one atomic read; see its file for arguments and answer.
extern const script read_room;
/// Keeps a snapshot unless a newer one is kept already; see its file for arguments and answer.
extern const script write_snapshot;

} // namespace studium::redis
