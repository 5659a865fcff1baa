// Whether a Redis can be trusted with what must not be lost.
#pragma once

#include "server/redis/link.hpp"

#include <string>
#include <vector>

namespace studium::redis {

struct fitness {
    std::string version;         // "7.0.15"
    std::string eviction_policy; // maxmemory-policy
    bool append_only = false;
    std::string appendfsync;           // "always", "everysec", "no"; "unknown" where we may not ask
    std::vector<std::string> refusals; // why it must not be used; each says what to change
    std::vector<std::string> warnings; // what its operator should know
    bool fit() const noexcept { return refusals.empty(); }
};

/// Asks by INFO, and by CONFIG GET where that is allowed. Fails only as a command does.
task<result<fitness>> check_fitness(link&);

} // namespace studium::redis
