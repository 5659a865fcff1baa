#include "protocol/yjs/lib0.hpp"
#include "protocol/yjs/utf8.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

namespace studium::yjs {
namespace {

using test::bytes;
using test::field;
using test::hex;
using test::vectors;

TEST(Lib0, ReadsEveryVectorToItsEnd) {
    for (const auto& vector : vectors().at("lib0")) {
        const auto in = bytes(field(vector, "hex"));
        const auto kind = field(vector, "fn");
        reader r{in};
        if (kind == "varUint") {
            EXPECT_EQ(r.var_uint(), vector.at("value").get<std::uint64_t>());
            EXPECT_EQ(hex(test::var_uint(vector.at("value").get<std::uint64_t>())), hex(in));
        } else if (kind == "varInt") {
            r.skip_var_int();
        } else if (kind == "varString") {
            const auto text = r.var_string();
            if (vector.at("value").is_string()) {
                EXPECT_EQ(text, field(vector, "value"));
            }
        } else if (kind == "varUint8Array") {
            r.var_bytes();
        } else {
            ASSERT_EQ(kind, "any");
            skip_any(r, 64);
        }
        EXPECT_TRUE(r.ok() && r.at_end()) << vector.at("id");
    }
}

TEST(Lib0, EveryVectorCutShortFails) {
    for (const auto& vector : vectors().at("lib0")) {
        const auto whole = bytes(field(vector, "hex"));
        const auto kind = field(vector, "fn");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            reader r{std::string_view{whole}.substr(0, size)};
            if (kind == "varUint")
                r.var_uint();
            else if (kind == "varInt")
                r.skip_var_int();
            else if (kind == "any")
                skip_any(r, 64);
            else
                r.var_bytes();
            EXPECT_FALSE(r.ok()) << vector.at("id") << " cut at " << size;
        }
    }
}

struct boundary {
    std::string_view hex;
    bool read;
    std::uint64_t value;
};

TEST(Lib0, VarUintEndsWhereJavaScriptsIntegersDo) {
    constexpr boundary table[] = {
        {"feffffffffffff0f", true, max_safe_integer - 1},
        {"ffffffffffffff0f", true, max_safe_integer},
        {"8080808080808010", false, 0},       // 2^53
        {"ffffffffffffff7f", false, 0},       // 2^56 - 1
        {"80808080808080808001", false, 0},   // 2^63, ten bytes
        {"ffffffffffffffffffff01", false, 0}, // eleven bytes
        {"8000", true, 0},                    // zero-extended
        {"8180808080808000", true, 1},        // the same to eight bytes
        {"818080808080808000", false, 0},     // and to nine
    };
    for (const auto& row : table) {
        const auto in = bytes(row.hex);
        reader r{in};
        const auto value = r.var_uint();
        EXPECT_EQ(r.ok(), row.read) << row.hex;
        if (row.read) {
            EXPECT_EQ(value, row.value) << row.hex;
        }
    }
}

TEST(Lib0, AFailureSticks) {
    reader r{std::string_view{"\x05", 1}};
    EXPECT_TRUE(r.var_bytes().empty());
    EXPECT_FALSE(r.ok());
    EXPECT_TRUE(r.at_end());
    EXPECT_EQ(r.var_uint(), 0U);
    EXPECT_EQ(r.why(), errc::malformed);
}

TEST(Lib0, AnyNestsToTheLimitAndNoDeeper) {
    const auto nested = [](std::size_t depth) {
        std::string in;
        for (std::size_t i = 0; i < depth; ++i) in += "\x75\x01";
        return in + "\x7e";
    };
    for (const std::size_t depth : {63U, 64U, 65U, 20'000U}) {
        const auto in = nested(depth);
        reader r{in};
        skip_any(r, 64);
        EXPECT_EQ(r.ok(), depth <= 64) << depth;
        if (!r.ok()) {
            EXPECT_EQ(r.why(), errc::too_large);
        }
    }
}

TEST(Utf8, CountsCodeUnits) {
    EXPECT_EQ(utf16_length(""), 0U);
    EXPECT_EQ(utf16_length("hello, world and more"), 21U);
    EXPECT_EQ(utf16_length("a\xf0\x9f\x98\x80"
                           "b"),
              4U);
    EXPECT_EQ(utf16_length("\xef\xbb\xbf"), 1U); // a byte order mark is a letter like others
    EXPECT_EQ(utf16_length("\xef\xbf\xbd\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"), 5U);
}

TEST(Utf8, RefusesWhatTextDecoderRefuses) {
    for (const std::string_view bad : {
             "c328",     "c0af",     "c1bf",         "e080af",   "e09fbf",
             "eda080",   "edbfbf",   "eda0bdedb880", "f08080af", "f08fbfbf",
             "f4908080", "f5808080", "80",           "bf",       "c2",
             "e282",     "f09f98",   "ff",           "fe",       "6161616161616161ff",
         }) {
        EXPECT_FALSE(utf16_length(bytes(bad)).has_value()) << bad;
    }
}

TEST(Utf8, ACutInAPairLeavesTheReplacementCharacter) {
    const auto cut = [](std::string_view text, std::uint64_t units) {
        std::string out;
        write_string_from(out, text, units);
        return hex(out);
    };
    EXPECT_EQ(cut("hello", 2), "036c6c6f");
    EXPECT_EQ(cut("\xf0\x9f\x98\x80", 1), "03efbfbd");
    EXPECT_EQ(cut("a\xf0\x9f\x98\x80z", 2), "04efbfbd7a");
    EXPECT_EQ(cut("a\xf0\x9f\x98\x80z", 3), "017a");
    EXPECT_EQ(cut("\xc3\xa9x", 1), "0178");
}

} // namespace
} // namespace studium::yjs
