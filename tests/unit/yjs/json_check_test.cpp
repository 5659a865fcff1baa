#include "protocol/yjs/json_check.hpp"

#include <gtest/gtest.h>

#include <string>

namespace studium::yjs {
namespace {

TEST(CheckJson, TakesWhatJsonParseTakes) {
    for (const std::string_view good : {
             "null",
             "true",
             "false",
             "0",
             "-0",
             "12.5e+3",
             "1E2",
             "\"\"",
             "\"a\\u00e9\\n\\/\"",
             "\"\\ud83d\"",
             "[]",
             "{}",
             " [ 1 , { \"a\" : [ ] } , \"x\" ]\r\n\t",
             "{\"a\":1,\"a\":2}",
             "[[],[[]],{}]",
             "\"\xef\xbb\xbf\"",
             "\"\x7f\"",
         }) {
        EXPECT_TRUE(check_json(good, 64)) << good;
    }
}

TEST(CheckJson, RefusesWhatJsonParseRefuses) {
    for (const std::string_view bad : {
             "",          " ",        "{",        "[",          "]",         "}",
             "[1,]",      "{\"a\"}",  "{\"a\":}", "{\"a\":1,}", "{a:1}",     "[1 2]",
             "01",        "-",        "1.",       ".5",         "1e",        "1e+",
             "+1",        "NaN",      "Infinity", "undefined",  "nul",       "nullx",
             "truefalse", "'a'",      "\"",       "\"\\\"",     "\"\\x41\"", "\"\\u12g4\"",
             "\"\\u12",   "\"a\nb\"", "[}",       "{]",         "[1]]",      "\xef\xbb\xbf{}",
             "{}{}",      ",",        "[,1]",     "{,}",        "{1:2}",     "\x0b[]",
             "[1]//",
         }) {
        EXPECT_FALSE(check_json(bad, 64)) << bad;
    }
    EXPECT_FALSE(check_json(std::string_view{"\"a\0b\"", 5}, 64));
    EXPECT_FALSE(check_json(std::string_view{"1\0", 2}, 64));
}

TEST(CheckJson, TellsWhatStandsOutside) {
    EXPECT_EQ(check_json(" {\"a\":[1]} ", 64).value(), json_kind::object);
    EXPECT_EQ(check_json("[null]", 64).value(), json_kind::array);
    EXPECT_EQ(check_json("\tnull\n", 64).value(), json_kind::null);
    EXPECT_EQ(check_json("\"null\"", 64).value(), json_kind::string);
    EXPECT_EQ(check_json("-1", 64).value(), json_kind::number);
    EXPECT_EQ(check_json("false", 64).value(), json_kind::boolean);
}

TEST(CheckJson, NestsToTheLimit) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(check_json(nested(64), 64));
    EXPECT_EQ(check_json(nested(65), 64).error(), errc::too_large);
    EXPECT_EQ(check_json(std::string(1'000'000, '['), 64).error(), errc::too_large);
    EXPECT_TRUE(check_json(nested(100'000), 1'000'000)); // no recursion
}

} // namespace
} // namespace studium::yjs
