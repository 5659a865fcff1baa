#include "protocol/yjs/awareness.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

namespace studium::yjs {
namespace {

using test::bytes;
using test::field;
using test::hex;
using test::var_uint;
using test::vectors;

std::string update_with(std::string_view state, std::uint64_t clock = 1) {
    return bytes("0105") + var_uint(clock) + var_uint(state.size()) + std::string{state};
}

TEST(Awareness, ReadsAndWritesTheVectors) {
    for (const auto& vector : vectors().at("awareness")) {
        const auto in = bytes(field(vector, "update"));
        const auto entries = read_awareness(in);
        ASSERT_TRUE(entries) << vector.at("id");
        ASSERT_EQ(entries->size(), vector.at("entries").size());
        for (std::size_t i = 0; i < entries->size(); ++i) {
            const auto& expected = vector.at("entries")[i];
            EXPECT_EQ((*entries)[i].client, expected.at("client").get<std::uint64_t>());
            EXPECT_EQ((*entries)[i].clock, expected.at("clock").get<std::uint64_t>());
            EXPECT_EQ(nlohmann::json::parse((*entries)[i].state), expected.at("state"));
        }
        EXPECT_EQ(hex(write_awareness_update(*entries)), field(vector, "update"));
        for (std::size_t size = 0; size < in.size(); ++size)
            EXPECT_FALSE(read_awareness(std::string_view{in}.substr(0, size))) << vector.at("id");
        EXPECT_FALSE(read_awareness(in + '\0'));
    }
}

TEST(Awareness, AStateIsAnObjectOrNull) {
    EXPECT_TRUE(read_awareness(update_with("{\"a\":[1]}")));
    EXPECT_TRUE(read_awareness(update_with(" null "))->front().gone());
    for (const std::string_view bad :
         {"", "1", "\"null\"", "[]", "true", "{", "{}{}", "undefined", "{\"a\":\"\xff\"}"})
        EXPECT_EQ(read_awareness(update_with(bad)).error(), errc::malformed) << bad;
}

TEST(Awareness, IsBounded) {
    const awareness_limits limits{.max_entries = 2, .max_state_bytes = 12, .max_depth = 2};
    EXPECT_TRUE(read_awareness(update_with("{\"a\":{}}"), limits));
    EXPECT_EQ(read_awareness(update_with("{\"a\":[[]]}"), limits).error(), errc::too_large);
    EXPECT_EQ(read_awareness(update_with("{\"a\":12345678}"), limits).error(), errc::too_large);
    EXPECT_TRUE(read_awareness(bytes("02 0101027b7d 0201027b7d"), limits));
    EXPECT_EQ(read_awareness(bytes("03 0101027b7d 0201027b7d 0301027b7d"), limits).error(), errc::too_large);
    EXPECT_EQ(read_awareness(bytes("ffffff7f")).error(), errc::malformed); // a count that cannot be
}

TEST(AwarenessTable, FollowsTheAcceptRuleStepByStep) {
    awareness_table table;
    for (const auto& step : vectors().at("awareness_acceptance")) {
        const auto entry = read_awareness(bytes(field(step, "update"))).value().at(0);
        EXPECT_EQ(table.accept(entry), step.at("accepted").get<bool>()) << step.at("note");
        const auto* known = table.find(entry.client);
        EXPECT_EQ(known && !known->gone(), step.at("has_state").get<bool>()) << step.at("note");
        if (step.at("meta_clock").is_number()) {
            ASSERT_TRUE(known) << step.at("note");
            EXPECT_EQ(known->clock, step.at("meta_clock").get<std::uint64_t>()) << step.at("note");
        }
    }
}

TEST(AwarenessTable, KeepsCountOfWhoIsShown) {
    awareness_table table;
    EXPECT_TRUE(table.accept({1, 1, "{}"}));
    EXPECT_TRUE(table.accept({2, 1, "{}"}));
    EXPECT_TRUE(table.accept({2, 2, "{\"a\":1}"}));
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.present().size(), 2U);
    EXPECT_TRUE(table.accept({1, 1, "null"}));
    EXPECT_EQ(table.size(), 1U);
    ASSERT_EQ(table.present().size(), 1U);
    EXPECT_EQ(table.present().front().client, 2U);
}

TEST(AwarenessTable, RemovesAtTheNextClock) {
    awareness_table table;
    awareness_entry gone;
    EXPECT_FALSE(table.remove(1, gone));
    table.accept({1, 7, "{}"});
    ASSERT_TRUE(table.remove(1, gone));
    EXPECT_EQ(gone.clock, 8U);
    EXPECT_TRUE(gone.gone());
    EXPECT_EQ(table.size(), 0U);
    EXPECT_FALSE(table.remove(1, gone));
    EXPECT_FALSE(table.accept({1, 8, "{}"})); // late echo
    EXPECT_TRUE(table.accept({1, 9, "{}"}));  // it answers
}

TEST(AwarenessTable, RemovalAtTheLastClockStaysReadable) {
    awareness_table table;
    awareness_entry gone;
    table.accept({1, (std::uint64_t{1} << 53) - 1, "{}"});
    ASSERT_TRUE(table.remove(1, gone));
    EXPECT_TRUE(read_awareness(write_awareness_update({&gone, 1})));
}

TEST(AwarenessTable, ForgetsTheClocksOfThoseWhoLeft) {
    awareness_table table;
    table.accept({1, 7, "{}"});
    table.accept({2, 3, "{}"});
    table.accept({1, 7, "null"});
    table.forget_gone();
    EXPECT_EQ(table.find(1), nullptr);
    ASSERT_NE(table.find(2), nullptr);
    EXPECT_TRUE(table.accept({1, 1, "{}"}));
}

} // namespace
} // namespace studium::yjs
