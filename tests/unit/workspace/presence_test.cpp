#include "server/workspace/presence.hpp"

#include <gtest/gtest.h>

namespace studium::workspace {
namespace {

yjs::awareness_entry shows(std::uint64_t client, std::uint64_t clock, std::string state = R"({"user":1})") {
    return {client, clock, std::move(state)};
}
const speaker a{1, {}}, b{2, {}}, other_node{0, "n-2"};

TEST(Presence, AnEchoIsNoNews) {
    presence p{4};
    EXPECT_TRUE(p.accept(a, shows(7, 1)));
    EXPECT_FALSE(p.accept(b, shows(7, 1)));
    EXPECT_FALSE(p.accept(a, shows(7, 1)));
    const auto news = p.take_news();
    EXPECT_EQ(news.entries.size(), 1U);
    EXPECT_EQ(news.only_from, 1U);
    EXPECT_FALSE(p.has_news());
}

TEST(Presence, NobodySpeaksForAnotherWhileTheyAreThere) {
    presence p{4};
    p.accept(a, shows(7, 1));
    EXPECT_FALSE(p.accept(b, shows(7, 9, "null")));
    EXPECT_FALSE(p.accept(b, shows(7, 9)));
    EXPECT_FALSE(p.accept(other_node, shows(7, 9)));
    EXPECT_TRUE(p.accept(a, shows(7, 2)));
}

TEST(Presence, ASocketShowsOnlySoMany) {
    presence p{2};
    EXPECT_TRUE(p.accept(a, shows(1, 1)));
    EXPECT_TRUE(p.accept(a, shows(2, 1)));
    EXPECT_FALSE(p.accept(a, shows(3, 1)));
    EXPECT_TRUE(p.accept(b, shows(3, 1)));
}

TEST(Presence, WhoDropsIsShownForAWhileAndMayComeBackOnAnotherSocket) {
    presence p{4};
    p.accept(a, shows(7, 1));
    p.take_news();
    p.abandon(1);
    p.expire();
    EXPECT_FALSE(p.has_news());
    EXPECT_TRUE(p.accept(b, shows(7, 2)));
    for (int i = 0; i < 10; ++i) p.expire();
    EXPECT_EQ(p.all().size(), 1U);
    p.abandon(2);
    for (int i = 0; i < 10; ++i) p.expire();
    EXPECT_TRUE(p.all().empty());
    const auto news = p.take_news();
    ASSERT_EQ(news.entries.size(), 1U);
    EXPECT_TRUE(news.entries[0].gone());
}

TEST(Presence, WhoLeavesCleanlyIsGoneAtOnce) {
    presence p{4};
    p.accept(a, shows(7, 1));
    EXPECT_TRUE(p.accept(a, shows(7, 2, "null")));
    EXPECT_TRUE(p.all().empty());
}

TEST(Presence, ANodeTakesItsPeopleWithIt) {
    presence p{4};
    p.accept(a, shows(7, 1));
    p.accept(other_node, shows(8, 1));
    EXPECT_EQ(p.local().size(), 1U);
    p.node_lost("n-2");
    ASSERT_EQ(p.all().size(), 1U);
    EXPECT_EQ(p.all()[0].client, 7U);
}

} // namespace
} // namespace studium::workspace
