#include "protocol/yjs/update_store.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace studium::yjs {
namespace {

using test::bytes;
using test::hex;
using test::var_uint;

/// The key pressed by client 1 at `clock`.
std::string key(std::uint64_t clock, char letter = 'a') {
    if (clock == 0) return bytes("01010100 0401017401") + letter + '\0';
    return bytes("010101") + var_uint(clock) + bytes("8401") + var_uint(clock - 1) + '\x01' + letter + '\0';
}

TEST(UpdateStore, IsEmptyAtFirst) {
    update_store store;
    EXPECT_EQ(store.whole(), empty_update);
    EXPECT_EQ(store.diff({}), empty_update);
    EXPECT_TRUE(store.known().empty());
}

TEST(UpdateStore, HoldsWhatWasTypedInOnePiece) {
    update_store store;
    std::string text;
    for (std::uint64_t clock = 0; clock < 1'000; ++clock) {
        text.push_back(static_cast<char>('a' + clock % 26));
        store.add(key(clock, text.back()));
    }
    EXPECT_LT(store.bytes(), 3'000U);
    const auto expected = bytes("01010100 04010174") + var_uint(text.size()) + text + '\0';
    EXPECT_EQ(hex(store.whole()), hex(expected));
    EXPECT_EQ(store.bytes(), expected.size());
    EXPECT_EQ(store.known(), (state_vector{{1, 1'000}}));
    EXPECT_EQ(hex(store.diff({{1, 998}})), "010101e6078401e50702" + hex(text.substr(998)) + "00");
}

TEST(UpdateStore, TakesAnyOrderAndRepeats) {
    update_store forwards, backwards;
    for (std::uint64_t clock = 0; clock < 500; ++clock) forwards.add(key(clock));
    for (std::uint64_t clock = 500; clock-- > 0;) {
        backwards.add(key(clock));
        backwards.add(key(clock));
    }
    EXPECT_EQ(hex(forwards.whole()), hex(backwards.whole()));
    for (std::uint64_t clock = 0; clock < 500; ++clock) backwards.add(forwards.whole());
    EXPECT_EQ(hex(forwards.whole()), hex(backwards.whole()));
    EXPECT_EQ(forwards.bytes(), backwards.bytes());
}

TEST(UpdateStore, KnowsOnlyWhatIsWithoutAGap) {
    update_store store;
    store.add(key(0));
    store.add(key(2));
    EXPECT_EQ(store.known(), (state_vector{{1, 1}}));
    store.add(key(1));
    EXPECT_EQ(store.known(), (state_vector{{1, 3}}));
}

TEST(UpdateStore, KeepsDeletesOfWhatIsNotThereYet) {
    update_store store;
    store.add(bytes("000101010302"));
    EXPECT_EQ(hex(store.diff({{1, 9}})), "000101010302");
    store.add(key(0));
    EXPECT_EQ(hex(store.whole()), "010101000401017401610101010302");
}

TEST(UpdateStore, ContainsWhatWouldAddNothing) {
    update_store store;
    EXPECT_TRUE(store.contains(empty_update));
    EXPECT_FALSE(store.contains(key(0)));
    for (std::uint64_t clock = 0; clock < 5; ++clock) store.add(key(clock));
    store.add(bytes("000101010002")); // deletes 0 and 1
    EXPECT_TRUE(store.contains(empty_update));
    EXPECT_TRUE(store.contains(key(3)));
    EXPECT_TRUE(store.contains(bytes("000101010101")));
    EXPECT_FALSE(store.contains(bytes("000101010103"))); // 1, 2 and 3
    EXPECT_FALSE(store.contains(key(5)));
    EXPECT_FALSE(store.contains(key(7))); // behind a gap
    store.add(key(7));
    EXPECT_TRUE(store.contains(key(7)));
    EXPECT_FALSE(store.contains(key(6)));
    const auto deleted = bytes("01010100 0101017402 00"); // the first two, without their text
    EXPECT_FALSE(store.contains(deleted));
    store.add(deleted);
    EXPECT_TRUE(store.contains(deleted));
    EXPECT_TRUE(store.contains(key(0)));
}

TEST(UpdateStore, ContainsItself) {
    for (const char* part : {"updates", "merge"}) {
        for (const auto& vector : test::vectors().at(part)) {
            update_store store;
            const auto update = bytes(test::field(vector, part == std::string{"merge"} ? "merged" : "hex"));
            store.add(update);
            EXPECT_TRUE(store.contains(update)) << vector.at("id");
            EXPECT_TRUE(store.contains(store.whole())) << vector.at("id");
        }
    }
}

TEST(UpdateStore, ClearForgetsEverything) {
    update_store store;
    for (std::uint64_t clock = 0; clock < 100; ++clock) store.add(key(clock));
    store.clear();
    EXPECT_EQ(store.whole(), empty_update);
    EXPECT_EQ(store.bytes(), empty_update.size());
    EXPECT_TRUE(store.known().empty());
}

TEST(UpdateStore, AnUncheckedUpdateIsABug) {
    update_store store;
    store.add("\x05");
    EXPECT_THROW(store.whole(), std::logic_error);
}

} // namespace
} // namespace studium::yjs
