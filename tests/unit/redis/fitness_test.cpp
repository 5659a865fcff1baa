#include "server/redis/fitness.hpp"
#include "tests/unit/redis/redis_test.hpp"

namespace studium::redis {
namespace {

fitness judged(const redis_server& server, const std::string& user = {}, const std::string& password = {}) {
    auto where = server.address();
    where.user = user;
    where.password = password;
    linked link{where};
    auto* const l = link.with([](auto& it) { return &it; });
    return link.thread().await([l] { return check_fitness(*l); }).value();
}

TEST(Fitness, IsContentWithASyncedAppendOnlyFileAndNoEviction) {
    const auto found = judged(redis_server{});
    EXPECT_TRUE(found.fit());
    EXPECT_TRUE(found.warnings.empty());
    EXPECT_TRUE(found.append_only);
    EXPECT_EQ(found.appendfsync, "always");
    EXPECT_EQ(found.eviction_policy, "noeviction");
    EXPECT_NE(found.version, "");
}

TEST(Fitness, RefusesARedisThatDropsKeys) {
    const auto found = judged(redis_server{{"maxmemory-policy allkeys-lru"}});
    ASSERT_FALSE(found.fit());
    EXPECT_NE(found.refusals[0].find("maxmemory-policy noeviction"), std::string::npos);
}

TEST(Fitness, WarnsOfWhatIsLessThanTheBest) {
    EXPECT_EQ(judged(redis_server{{"maxmemory-policy volatile-ttl"}}).warnings.size(), 1u);
    EXPECT_EQ(judged(redis_server{{"appendfsync everysec"}}).warnings.size(), 1u);
    const auto unsaved = judged(redis_server{{"appendonly no"}});
    EXPECT_TRUE(unsaved.fit());
    EXPECT_FALSE(unsaved.append_only);
    EXPECT_EQ(unsaved.warnings.size(), 1u);
}

TEST(Fitness, JudgesWithoutTheRightToReadTheConfiguration) {
    const redis_server server{{"maxmemory-policy allkeys-random", "user app on >pw ~* &* +@all -config"}};
    const auto found = judged(server, "app", "pw");
    EXPECT_FALSE(found.fit());
    EXPECT_EQ(found.eviction_policy, "allkeys-random");
    EXPECT_EQ(found.appendfsync, "unknown");
}

} // namespace
} // namespace studium::redis
