#include "server/redis/fitness.hpp"

#include "server/redis/info.hpp"

#include <charconv>
#include <utility>

namespace studium::redis {

namespace {

constexpr int oldest_major_version = 7; // the first whose XADD takes "<epoch>-*"

int major_version(std::string_view version) {
    int out = 0;
    std::from_chars(version.data(), version.data() + version.size(), out);
    return out;
}

// The answer of CONFIG GET; empty where it is not allowed, as on many a managed Redis.
std::string setting(const result<reply>& answer) {
    const bool given = answer && answer->items.size() == 2;
    return given ? answer->items[1].text : std::string{};
}

void judge_version(fitness& out) {
    if (major_version(out.version) >= oldest_major_version) return;
    out.refusals.push_back("Redis " + out.version + " is too old: install Redis 7.0 or newer");
}

void judge_eviction(fitness& out) {
    const auto& policy = out.eviction_policy;
    if (policy.starts_with("allkeys-"))
        out.refusals.push_back(
            "maxmemory-policy " + policy +
            " lets Redis drop rooms when memory is short: set maxmemory-policy noeviction");
    else if (policy.starts_with("volatile-"))
        out.warnings.push_back("maxmemory-policy " + policy +
                               " lets Redis drop sessions early when memory is short: prefer noeviction");
    else if (policy != "noeviction")
        out.warnings.push_back(
            "this Redis does not tell its maxmemory-policy: make sure that it is noeviction");
}

void judge_persistence(fitness& out) {
    if (!out.append_only)
        out.warnings.push_back(
            "without an append-only file a restart of Redis loses what was stored since its "
            "last snapshot: set appendonly yes");
    else if (out.appendfsync != "always")
        out.warnings.push_back(
            "appendfsync " + out.appendfsync +
            " can lose the last seconds in a crash: set appendfsync always to lose nothing");
}

} // namespace

task<result<fitness>> check_fitness(link& redis) {
    std::vector<std::string> info_all{"INFO"};
    const auto info = co_await redis.run(std::move(info_all));
    if (!info) co_return info.error();
    std::vector<std::string> get_policy{"CONFIG", "GET", "maxmemory-policy"};
    const auto policy = co_await redis.run(std::move(get_policy));
    std::vector<std::string> get_fsync{"CONFIG", "GET", "appendfsync"};
    const auto fsync = co_await redis.run(std::move(get_fsync));
    if (!policy) co_return policy.error();
    if (!fsync) co_return fsync.error();

    fitness out;
    out.version = info_field(info->text, "redis_version");
    out.eviction_policy = setting(policy);
    if (out.eviction_policy.empty()) out.eviction_policy = info_field(info->text, "maxmemory_policy");
    out.append_only = info_field(info->text, "aof_enabled") == "1";
    out.appendfsync = setting(fsync);
    if (out.appendfsync.empty()) out.appendfsync = "unknown";
    judge_version(out);
    judge_eviction(out);
    judge_persistence(out);
    co_return out;
}

} // namespace studium::redis
