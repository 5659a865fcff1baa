#include "server/room/channel.hpp"

#include <gtest/gtest.h>

namespace studium::room {
namespace {

TEST(Channel, WhatIsWrittenIsRead) {
    using kind = channel_message::kind;
    for (const auto what : {kind::hello, kind::at, kind::entry, kind::fleeting, kind::beat, kind::bye}) {
        const channel_message m{
            what, "node-1", {1763760000000, 42}, "node-1.7", std::string{"\0\xff bytes", 8}};
        const auto read = read_channel_message(write_channel_message(m));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->what, m.what);
        EXPECT_EQ(read->node, m.node);
        EXPECT_EQ(read->at, m.at);
        EXPECT_EQ(read->origin, m.origin);
        EXPECT_EQ(read->payload, m.payload);
    }
}

TEST(Channel, EveryTruncationOfAMessageIsRefusedOrIsShorter) {
    const std::string whole =
        write_channel_message({channel_message::kind::entry, "node-1", {7, 8}, "node-1.7", "payload"});
    const std::size_t header = whole.size() - std::string_view{"payload"}.size();
    for (std::size_t n = 0; n < header; ++n) EXPECT_FALSE(read_channel_message(whole.substr(0, n))) << n;
}

TEST(Channel, UnknownKindIsRefused) { EXPECT_FALSE(read_channel_message("zzz")); }

} // namespace
} // namespace studium::room
