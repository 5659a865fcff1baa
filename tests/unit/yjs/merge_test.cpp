#include "protocol/yjs/update.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace studium::yjs {
namespace {

using test::bytes;
using test::field;
using test::hex;
using test::vectors;

std::string merged(const std::vector<std::string>& updates, neighbours how = neighbours::keep) {
    const std::vector<std::string_view> views(updates.begin(), updates.end());
    return merge_updates(views, how).value();
}

std::vector<std::string> inputs_of(const nlohmann::json& vector) {
    std::vector<std::string> out;
    for (const auto& input : vector.at("inputs")) out.push_back(bytes(input.get<std::string>()));
    return out;
}

TEST(Merge, WritesTheBytesOfYjsWhereTheyAreFixed) {
    for (const auto& vector : vectors().at("merge")) {
        if (!vector.at("byte_exact_required").get<bool>()) continue;
        EXPECT_EQ(hex(merged(inputs_of(vector))), field(vector, "merged")) << vector.at("id");
    }
}

TEST(Merge, HoldsWhatYjsHoldsWhereBytesAreFree) {
    for (const auto& vector : vectors().at("merge")) {
        const auto ours = merged(inputs_of(vector));
        ASSERT_TRUE(check_update(ours)) << vector.at("id");
        EXPECT_EQ(hex(encode_state_vector(state_vector_of(ours).value())), field(vector, "sv_from_update"))
            << vector.at("id");
    }
}

TEST(Merge, PrefersWhatIsGoneAndTheLongerItem) {
    const auto live = bytes("010201002701016d016101280001000178017d0100");
    const auto gone = bytes("010201002101016d01610100010101010002");
    EXPECT_EQ(hex(merged({live, gone})), hex(gone));
    EXPECT_EQ(hex(merged({gone, live})), hex(gone));
    const auto hello = bytes("01010100040101740568656c6c6f00");
    const auto hello_world = bytes("01010100040101740b68656c6c6f20776f726c6400");
    EXPECT_EQ(hex(merged({hello, hello_world})), hex(hello_world));
    EXPECT_EQ(hex(merged({hello_world, hello})), hex(hello_world));
}

TEST(Merge, CutsWhatOverlaps) {
    const auto hello = bytes("01010100040101740568656c6c6f00");
    const auto low = bytes("01010103840102036c6f7700"); // "low" at clock 3
    EXPECT_EQ(hex(merged({hello, low})), "01020100040101740568656c6c6f840104017700");
    const auto emoji = bytes("01010101840100 05 f09f98807a 00");   // clock 1: a pair and "z"
    const auto start = bytes("01010100 040101 74 04 61efbfbd 00"); // clock 0: "a" and half of a pair
    EXPECT_EQ(hex(merged({start, emoji})), "01020100040101740461efbfbd84010104efbfbd7a00");
    const auto values = bytes("01010100 080101 72 03 7d01 7d02 7d03 00");
    const auto first = bytes("01010100 010101 72 01 00"); // clock 0 known to be deleted
    EXPECT_EQ(hex(merged({values, first})), "010201000101017201880100027d027d0300");
    const auto json = bytes("01010100 020101 72 02 0131 0132 00");
    EXPECT_EQ(hex(merged({json, first})), "01020100010101720182010001013200");
}

TEST(Merge, KeepsTheRightOriginOfACut) {
    const auto item = bytes("01010100 c4 0500 0501 03 616263 00"); // between (5,0) and (5,1)
    const auto first = bytes("01010100 c1 0500 0501 01 00");
    EXPECT_EQ(hex(merged({item, first})), "01020100c10500050101c40100050102626300");
}

TEST(Merge, NothingMergedIsNothing) {
    EXPECT_EQ(merged({}), empty_update);
    EXPECT_EQ(merged({std::string{empty_update}, std::string{empty_update}}), empty_update);
}

TEST(Merge, SaysSoWhereAnInputWasNeverChecked) {
    const auto good = bytes("0101010004010174016100");
    for (const auto& vector : vectors().at("malformed")) {
        const auto bad = bytes(field(vector, "hex"));
        if (vector.at("id") == "clock-hijack") continue; // well-formed, and only over a limit
        const std::string_view pair[] = {good, bad};
        EXPECT_FALSE(merge_updates(pair)) << vector.at("id");
        EXPECT_FALSE(diff_update(bad, {})) << vector.at("id");
        EXPECT_FALSE(state_vector_of(bad)) << vector.at("id");
    }
}

TEST(Merge, AnyOrderOfInputsSaysTheSame) {
    for (const auto& vector : vectors().at("merge")) {
        auto inputs = inputs_of(vector);
        if (!vector.at("byte_exact_required").get<bool>() || inputs.size() > 5 || inputs.size() < 2) continue;
        std::ranges::sort(inputs);
        do EXPECT_EQ(hex(merged(inputs)), field(vector, "merged")) << vector.at("id");
        while (std::ranges::next_permutation(inputs).found);
    }
}

TEST(MergeJoining, JoinsNeighboursAsYjsDoes) {
    for (const auto& vector : vectors().at("compact_derived")) {
        const auto input = bytes(field(vector, "input"));
        EXPECT_EQ(hex(merged({input}, neighbours::join)), field(vector, "squash_only")) << vector.at("id");
    }
    EXPECT_EQ(hex(merged({bytes("01010100000300"), bytes("01010103000200")}, neighbours::join)),
              "01010100000500");
}

TEST(MergeJoining, LeavesApartWhatOnlyLooksLikeNeighbours) {
    const auto stays = [](std::string_view text) {
        const auto update = bytes(text);
        EXPECT_EQ(hex(merged({update}, neighbours::join)), hex(update));
    };
    stays("01020101 c40100050001 61 c40101050101 62 00");
    stays("01020101 84010001 61 c40101050001 62 00");
    stays("01020101 84010001 61 84010001 62 00");
    stays("01030100 0401017401 61 0a02 8401020162 00");
    stays("01020100 0401017401 61 810100 01 00");
    stays("01020100 0801017401 7d01 880100 01 7d02 00");
}

TEST(MergeJoining, JoinsTextOfWhichAPartIsDeleted) {
    const auto update = bytes("01020100 0401017401 61 8401000162 01010100 01");
    EXPECT_EQ(hex(merged({update}, neighbours::join)), "01010100040101740261620101010001");
}

TEST(MergeJoining, ACutAtTheEndOfASectionIsWritten) {
    const auto hello = bytes("01010100040101740568656c6c6f00");
    const auto low = bytes("01010103c4010207000b") + std::string(3, 'l') + std::string(8, 'o') + '\0';
    EXPECT_EQ(hex(merged({hello, low}, neighbours::join)),
              "01020100040101740568656c6c6fc401040700096c6f6f6f6f6f6f6f6f00");
}

TEST(Diff, WritesTheBytesOfYjs) {
    for (const auto& vector : vectors().at("diff")) {
        const auto known = decode_state_vector(bytes(field(vector, "sv"))).value();
        const auto ours = diff_update(bytes(field(vector, "update")), known);
        ASSERT_TRUE(ours) << vector.at("id");
        const auto expected = field(vector, vector.contains("reference_bytes") ? "reference_bytes" : "diff");
        EXPECT_EQ(hex(*ours), expected) << vector.at("id");
    }
}

TEST(Diff, OfEveryVectorAtEveryClockIsSound) {
    for (const auto& vector : vectors().at("updates")) {
        const auto update = bytes(field(vector, "hex"));
        for (const auto& [client, end] : state_vector_of(update).value()) {
            for (std::uint64_t clock = 0; clock <= end; ++clock) {
                const auto part = diff_update(update, {{client, clock}}).value();
                const auto facts = check_update(part);
                ASSERT_TRUE(facts) << vector.at("id") << " from " << clock;
                for (const auto& section : facts->sections) {
                    if (section.client == client) {
                        EXPECT_EQ(section.first_clock, clock);
                    }
                }
            }
        }
    }
}

} // namespace
} // namespace studium::yjs
