#include "server/redis/link.hpp"

#include <gtest/gtest.h>

#include <string>

using studium::redis::endpoint;

namespace {

TEST(Endpoint, ReadsUnixSockets) {
    EXPECT_EQ(endpoint::parse("/run/redis.sock")->unix_socket, "/run/redis.sock");
    EXPECT_EQ(endpoint::parse("unix:/run/redis.sock")->text(), "unix:/run/redis.sock");
    EXPECT_FALSE(endpoint::parse("unix:"));
    EXPECT_FALSE(endpoint::parse("/" + std::string(107, 'x'))); // longer than the kernel takes
}

TEST(Endpoint, ReadsHostsAndPorts) {
    EXPECT_EQ(endpoint::parse("10.0.0.7:6380")->text(), "10.0.0.7:6380");
    EXPECT_EQ(endpoint::parse("redis.example.org")->text(), "redis.example.org:6379");
    EXPECT_EQ(endpoint::parse("[::1]:7000")->text(), "[::1]:7000");
    EXPECT_EQ(endpoint::parse("[::1]")->host, "::1");
    for (const auto* bad :
         {"", ":6379", "host:", "host:0", "host:65536", "host:12x", "[::1", "[::1]7000", "a/b", "::1"})
        EXPECT_FALSE(endpoint::parse(bad)) << bad;
}

TEST(Endpoint, ReadsAddressesWithASignIn) {
    const auto full = endpoint::parse("redis://app:s%40cret%3A@db.example.org:6390");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->user, "app");
    EXPECT_EQ(full->password, "s@cret:");
    EXPECT_EQ(full->text(), "db.example.org:6390"); // a log line shows no password
    EXPECT_EQ(endpoint::parse("redis://:pw@h/")->password, "pw");
    EXPECT_EQ(endpoint::parse("redis://h")->host, "h");
    for (const auto* bad :
         {"redis://", "redis://h/3", "redis://user@h", "redis://u:%zz@h", "redis://u:@h", "redis://u:%4@h"})
        EXPECT_FALSE(endpoint::parse(bad)) << bad;
}

} // namespace
