#include "protocol/yjs/update.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

#include <map>

namespace studium::yjs {
namespace {

using test::bytes;
using test::field;
using test::update_of;
using test::var_uint;
using test::vectors;

TEST(CheckUpdate, AcceptsEveryVectorAndCountsIt) {
    for (const auto& vector : vectors().at("updates")) {
        const auto facts = check_update(bytes(field(vector, "hex")));
        ASSERT_TRUE(facts) << vector.at("id");
        const auto& structs = vector.at("structs");
        EXPECT_EQ(facts->structs, structs.size()) << vector.at("id");
        std::map<std::uint64_t, std::uint64_t> ends;
        for (const auto& s : structs) {
            ends[s.at("client").get<std::uint64_t>()] =
                s.at("clock").get<std::uint64_t>() + s.at("len").get<std::uint64_t>();
        }
        ASSERT_EQ(facts->sections.size(), ends.size()) << vector.at("id");
        for (const auto& section : facts->sections) EXPECT_EQ(section.end_clock, ends.at(section.client));
        std::size_t ranges = 0;
        for (const auto& client : vector.at("ds")) ranges += client.size();
        EXPECT_EQ(facts->deleted_ranges, ranges) << vector.at("id");
    }
}

TEST(CheckUpdate, RefusesEveryVectorCutShort) {
    for (const auto& vector : vectors().at("updates")) {
        const auto whole = bytes(field(vector, "hex"));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto facts = check_update(std::string_view{whole}.substr(0, size));
            ASSERT_FALSE(facts) << vector.at("id") << " cut at " << size;
            EXPECT_EQ(facts.error(), errc::malformed);
        }
    }
}

TEST(CheckUpdate, RefusesEveryVectorWithABytesMore) {
    for (const auto& vector : vectors().at("updates"))
        EXPECT_FALSE(check_update(bytes(field(vector, "hex")) + '\0')) << vector.at("id");
}

TEST(CheckUpdate, RefusesTheMalformedVectors) {
    for (const auto& vector : vectors().at("malformed"))
        EXPECT_FALSE(check_update(bytes(field(vector, "hex")))) << vector.at("id");
}

TEST(CheckUpdate, TheEmptyUpdateIsEmpty) {
    EXPECT_TRUE(check_update(empty_update)->empty());
    EXPECT_TRUE(check_update(bytes("00 01 05 00"))->empty());         // a client with no ranges
    EXPECT_TRUE(check_update(bytes("01 01 09 00 0a05 00"))->empty()); // only a gap
    EXPECT_FALSE(check_update(bytes("00 01 01 01 00 01"))->empty());
}

struct struct_case {
    std::string_view what, hex;
    bool accepted;
};

// Each is the first struct of client 9, under the root "z".
constexpr struct_case struct_cases[] = {
    {"type 0", "0701017a00", true},
    {"type 6", "0701017a06", true},
    {"type 7", "0701017a07", false},
    {"element without its name", "0701017a03", false},
    {"element", "0701017a030170", true},
    {"content ref 11", "0b01017a00", false},
    {"content ref 31", "1f01017a00", false},
    {"GC", "0005", true},
    {"GC with the key bit", "2005", false},
    {"GC with the right origin bit", "4005", false},
    {"GC with the origin bit", "8005", false},
    {"GC of no units", "0000", false},
    {"Skip", "0a05", true},
    {"Skip with the key bit", "2a05", false},
    {"Skip of no units", "0a00", false},
    {"deleted", "0101017a03", true},
    {"deleted of no units", "0101017a00", false},
    {"string", "0401017a0161", true},
    {"empty string", "0401017a00", false},
    {"string with a byte order mark", "0401017a03efbbbf", true},
    {"string with a lone surrogate", "0401017a03eda080", false},
    {"overlong string", "0401017a02c0af", false},
    {"root name that is no UTF-8", "040102c3280161", false},
    {"key that is no UTF-8", "2801017a02c328017e", false},
    {"parent that is neither name nor id", "0402017a0161", false},
    {"any tag 115", "0801017a0173", false},
    {"any tag 128", "0801017a0180", false},
    {"no any values", "0801017a00", false},
    {"more any values than bytes", "0801017aff7f7e", false},
    {"any integer above 2^53-1", "0801017a017d8080808080808020", false},
    {"any string that is no UTF-8", "0801017a017702c328", false},
    {"any key that is no UTF-8", "0801017a01760102c3287e", false},
    {"any bytes are free", "0801017a017402c328", true},
    {"bigint", "0801017a017a0020000000000001", true},
    {"JSON", "0201017a02017b 01 7d", false},
    {"JSON and undefined", "0201017a0209756e646566696e6564027b7d", true},
    {"JSON, half a pair escaped", "0201017a01 08 225c756438336422", true},
    {"binary", "0301017a02c328", true},
    {"embed", "0501017a027b7d", true},
    {"embed that is no JSON", "0501017a017b", false},
    {"embed of the word undefined", "0501017a09756e646566696e6564", false},
    {"format", "0601017a0162046e756c6c", true},
    {"format without JSON", "0601017a016200", false},
    {"subdocument", "0901017a01677600", true},
    {"subdocument whose options are null", "0901017a01677e", false},
    {"subdocument whose options are an array", "0901017a01677500", false},
    {"subdocument whose options name a guid", "0901017a0167760104677569647701 61", false},
    {"origin in its own future", "84090001 61", false},
    {"right origin in its own future", "44090701 61", false},
    {"parent in its own future", "0400090001 61", false},
    {"origin of another client", "84080001 61", true},
    {"parent of another client", "0400080001 61", true},
};

TEST(CheckUpdate, StructByStruct) {
    for (const auto& row : struct_cases)
        EXPECT_EQ(check_update(update_of({row.hex})).has_value(), row.accepted) << row.what;
}

TEST(CheckUpdate, AnOriginOfItsOwnMustBeInThePast) {
    EXPECT_TRUE(check_update(update_of({"0401017a026162", "8409010163"})));
    EXPECT_FALSE(check_update(update_of({"0401017a026162", "8409020163"})));
}

TEST(CheckUpdate, SectionsComeHighestClientFirstAndOnce) {
    const auto of = [](std::string_view first, std::string_view second) {
        return bytes("02") + bytes(first) + bytes(second) + bytes("00");
    };
    constexpr std::string_view three = "0103000401017a0161", nine = "0109000401017a0162";
    EXPECT_TRUE(check_update(of(nine, three)));
    EXPECT_FALSE(check_update(of(three, nine)));
    EXPECT_FALSE(check_update(of(nine, nine)));
    EXPECT_FALSE(check_update(bytes("01 00 09 00 00"))); // a section without structs
    EXPECT_FALSE(check_update(bytes("01 00 09 00 00 00 00")));
}

TEST(CheckUpdate, ClocksEndAtTwoToThe53) {
    const auto gc_at = [](std::uint64_t clock, std::uint64_t length) {
        return bytes("0101") + var_uint(9) + var_uint(clock) + bytes("00") + var_uint(length) + bytes("00");
    };
    constexpr std::uint64_t last = (std::uint64_t{1} << 53) - 1;
    EXPECT_TRUE(check_update(gc_at(last - 5, 5)));
    EXPECT_FALSE(check_update(gc_at(last - 5, 6)));
    EXPECT_FALSE(check_update(gc_at(last + 1, 1)));
    const auto client = [](std::uint64_t id) {
        return bytes("0101") + var_uint(id) + bytes("00 0401017a0161 00");
    };
    EXPECT_TRUE(check_update(client(last)));
    EXPECT_FALSE(check_update(client(last + 1)));
}

TEST(CheckUpdate, DeletedRangesInAnyOrder) {
    const auto deletes = [](std::string_view hex) { return check_update(bytes("00") + bytes(hex)); };
    EXPECT_EQ(deletes("02 01 01 00 01 07 02 05 02 00 06")->deleted_ranges, 3U); // unsorted, overlapping
    EXPECT_FALSE(deletes("01 01 01 00 00"));                                    // no units
    EXPECT_FALSE(deletes("01 01 ff7f 00 01"));                                  // more than can follow
    EXPECT_FALSE(deletes("ff7f"));
    EXPECT_TRUE(deletes("01 01 01 00 ffffffffffffff0f"));
    EXPECT_FALSE(deletes("01 01 01 01 ffffffffffffff0f"));
}

TEST(CheckUpdate, EveryLimitIsKept) {
    const auto text = update_of({"0401017a0161", "8409000162", "8409010163"});
    const auto with = [&](auto change) {
        update_limits limits;
        change(limits);
        return check_update(text, limits);
    };
    EXPECT_TRUE(with([&](auto& l) { l.max_bytes = text.size(); }));
    EXPECT_EQ(with([&](auto& l) { l.max_bytes = text.size() - 1; }).error(), errc::too_large);
    EXPECT_TRUE(with([](auto& l) { l.max_structs = 3; }));
    EXPECT_EQ(with([](auto& l) { l.max_structs = 2; }).error(), errc::too_large);
    EXPECT_TRUE(with([](auto& l) { l.max_clients = 1; }));
    EXPECT_EQ(with([](auto& l) { l.max_clients = 0; }).error(), errc::too_large);
    for (const std::string_view bare : {"00", "0a", "0101017a"}) {
        const auto of = [&](std::uint64_t length) {
            return bytes("01010900") + bytes(bare) + var_uint(length) + bytes("00");
        };
        EXPECT_TRUE(check_update(of(1 << 24)));
        EXPECT_EQ(check_update(of((1 << 24) + 1)).error(), errc::too_large);
    }
}

TEST(CheckUpdate, NestingIsBounded) {
    const auto nested = [](std::size_t depth) {
        auto out = bytes("0101 09 00 0801017a01");
        for (std::size_t i = 0; i < depth; ++i) out += "\x75\x01";
        return out + bytes("7e 00");
    };
    EXPECT_TRUE(check_update(nested(64)));
    EXPECT_EQ(check_update(nested(65)).error(), errc::too_large);
    EXPECT_EQ(check_update(nested(20'000)).error(), errc::too_large);
    const auto embed = [](std::size_t depth) {
        return bytes("0101 09 00 0501017a") + var_uint(2 * depth) + std::string(depth, '[') +
               std::string(depth, ']') + bytes("00");
    };
    EXPECT_TRUE(check_update(embed(64)));
    EXPECT_EQ(check_update(embed(65)).error(), errc::too_large);
}

TEST(StateVector, OfEveryVectorAsYjsTellsIt) {
    for (const char* part : {"updates", "merge"}) {
        for (const auto& vector : vectors().at(part)) {
            const auto update = bytes(field(vector, part == std::string_view{"merge"} ? "merged" : "hex"));
            const auto known = state_vector_of(update);
            ASSERT_TRUE(known) << vector.at("id");
            EXPECT_EQ(test::hex(encode_state_vector(*known)), field(vector, "sv_from_update"))
                << vector.at("id");
        }
    }
}

TEST(StateVector, IsReadAndWrittenAsYjsDoes) {
    for (const auto& vector : vectors().at("state_vectors")) {
        const auto known = decode_state_vector(bytes(field(vector, "hex")));
        ASSERT_TRUE(known) << vector.at("id");
        EXPECT_EQ(known->size(), vector.at("entries").size());
        for (const auto& [client, clock] : vector.at("entries").items())
            EXPECT_EQ(known->at(std::stoull(client)), clock.get<std::uint64_t>());
        EXPECT_EQ(test::hex(encode_state_vector(*known)), field(vector, "hex"));
    }
}

TEST(StateVector, RefusesWhatIsNone) {
    EXPECT_TRUE(decode_state_vector(bytes("02 01 03 05 04"))); // any order
    for (const std::string_view bad :
         {"", "01", "0101", "010103 00", "02 01 03 01 04", "ff7f0000", "01 01 8080808080808010"})
        EXPECT_FALSE(decode_state_vector(bytes(bad))) << bad;
    EXPECT_TRUE(decode_state_vector(bytes("02 05 03 01 04"), 2));
    EXPECT_EQ(decode_state_vector(bytes("02 05 03 01 04"), 1).error(), errc::too_large);
}

} // namespace
} // namespace studium::yjs
