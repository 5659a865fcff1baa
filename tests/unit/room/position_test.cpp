#include "server/room/position.hpp"

#include <gtest/gtest.h>

namespace studium::room {
namespace {

TEST(Position, IsARedisStreamId) {
    EXPECT_EQ((position{1763760000000, 42}.text()), "1763760000000-42");
    EXPECT_EQ(position::parse("1763760000000-42"), (position{1763760000000, 42}));
}

TEST(Position, IsOrderedByEpochThenNumber) {
    EXPECT_LT((position{1, 900}), (position{2, 0}));
    EXPECT_TRUE((position{2, 1}.is_right_after({2, 0})));
    EXPECT_FALSE((position{2, 0}.is_right_after({1, 900})));
}

TEST(Position, RefusesWhatIsNone) {
    for (const auto* text :
         {"", "-", "1", "1-", "-1", "1-2-3", "1-2 ", "a-1", "1-b", "99999999999999999999-1"})
        EXPECT_FALSE(position::parse(text)) << text;
}

} // namespace
} // namespace studium::room
