#include "protocol/rpc/text.hpp"

#include <gtest/gtest.h>

namespace studium::rpc {
namespace {

TEST(Text, LengthCountsCodePoints) {
    EXPECT_EQ(code_points("a😀é"), 3U);
    EXPECT_EQ(code_points(""), 0U);
}

TEST(Text, ANameIsTrimmedOfEveryKindOfSpace) {
    EXPECT_EQ(clean_name("\u3000 山田 太郎\u00a0"), "山田 太郎");
    EXPECT_EQ(clean_name("ليلى"), "ليلى");
}

TEST(Text, ANameMustShowAndMustNotDeceive) {
    for (const auto* name : {"", "   ", "\u3000", "a\nb", "a\u202eb", "\u2066x", "a\u0085b", "\u2028"})
        EXPECT_FALSE(clean_name(name)) << name;
    EXPECT_FALSE(clean_name(std::string_view{"a\0b", 3}));
}

TEST(Text, ACodeIsReadAsItIsSpoken) { EXPECT_EQ(plain_code("7mdf-pq 8x"), "7MDFPQ8X"); }

} // namespace
} // namespace studium::rpc
