#include "server/redis/resp.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

using namespace studium::redis;
using kind = reply::kind;

namespace {

using namespace std::string_view_literals;

constexpr auto every_kind =
    "*6\r\n:-7\r\n$3\r\na\0b\r\n+OK\r\n-WRONGTYPE no\r\n$-1\r\n*2\r\n*0\r\n*-1\r\n+next\r\n"sv;

std::vector<reply> read_in_pieces(std::string_view bytes, std::size_t piece) {
    reply_reader reader;
    std::vector<reply> out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        reader.feed(bytes.substr(0, piece));
        while (auto one = reader.next()) out.push_back(std::move(*one));
    }
    EXPECT_EQ(reader.error(), "");
    return out;
}

TEST(Resp, WritesCommandsAsArraysOfBulkStrings) {
    std::string out;
    append_command(out, std::array<std::string_view, 3>{"SET", "", "\r\n\0x"sv});
    EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\r\n\0x\r\n"sv);
}

TEST(Resp, ReadsEveryKindOfReplyHoweverItIsCut) {
    for (const std::size_t piece : {1U, 3U, 1000U}) {
        const auto replies = read_in_pieces(every_kind, piece);
        ASSERT_EQ(replies.size(), 2u);
        const auto& items = replies[0].items;
        ASSERT_EQ(items.size(), 6u);
        EXPECT_EQ(items[0].type, kind::integer);
        EXPECT_EQ(items[0].number, -7);
        EXPECT_EQ(items[1].type, kind::text);
        EXPECT_EQ(items[1].text, "a\0b"sv);
        EXPECT_EQ(items[2].type, kind::status);
        EXPECT_EQ(items[3].error_code(), "WRONGTYPE");
        EXPECT_TRUE(items[4].is_nil());
        ASSERT_EQ(items[5].items.size(), 2u);
        EXPECT_EQ(items[5].items[0].type, kind::array);
        EXPECT_TRUE(items[5].items[1].is_nil());
        EXPECT_EQ(replies[1].text, "next");
    }
}

TEST(Resp, SaysWhatIsMalformedAndGoesNoFurther) {
    reply_reader reader;
    reader.feed("+OK\r\nnonsense\r\n+OK\r\n");
    EXPECT_EQ(reader.next()->text, "OK");
    EXPECT_FALSE(reader.next());
    EXPECT_NE(reader.error(), "");
    EXPECT_FALSE(reader.next());
}

} // namespace
