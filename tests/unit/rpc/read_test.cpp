#include "protocol/rpc/messages.hpp"

#include <gtest/gtest.h>

namespace studium::rpc {
namespace {

failure::kind refusal_of(std::string_view text) {
    const auto read = read_request(text);
    const auto* r = std::get_if<refused>(&read);
    return r ? r->why.what : failure::kind::internal;
}

TEST(ReadRequest, TakesARequestAndKeepsItsIdAsItStood) {
    const auto by_number = read_request(R"({"jsonrpc":"2.0","id":7,"method":"members.list","params":{}})");
    ASSERT_TRUE(std::holds_alternative<request>(by_number));
    EXPECT_EQ(std::get<request>(by_number).id, "7");
    const auto by_text = read_request(R"({"jsonrpc":"2.0","id":"a\"b","method":"members.list"})");
    ASSERT_TRUE(std::holds_alternative<request>(by_text));
    EXPECT_EQ(std::get<request>(by_text).id, R"("a\"b")");
}

TEST(ReadRequest, RefusesEachKindOfNonsenseByItsOwnCode) {
    using kind = failure::kind;
    EXPECT_EQ(refusal_of("{"), kind::parse);
    EXPECT_EQ(refusal_of(""), kind::parse);
    EXPECT_EQ(refusal_of("\xff\xfe"), kind::parse);
    EXPECT_EQ(refusal_of("[]"), kind::invalid_request);
    EXPECT_EQ(refusal_of("1"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"id":1,"method":"hello"})"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"1.0","id":1,"method":"hello"})"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","method":"hello"})"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":[],"method":"hello"})"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":7})"), kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":"hello","role":"teacher"})"),
              kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":"no.such"})"), kind::unknown_method);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":"hello","params":[]})"), kind::invalid_params);
}

TEST(ReadRequest, DepthIsBounded) {
    const std::string deep(5000, '[');
    EXPECT_EQ(refusal_of(deep), failure::kind::invalid_request);
    EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"x":)" + deep),
              failure::kind::invalid_request);
    // Brackets within a string are no depth.
    const auto message = R"({"jsonrpc":"2.0","id":1,"method":"messages.send","params":{"id":"m","text":")" +
                         std::string(100, '[') + R"(\"]"}})";
    EXPECT_TRUE(std::holds_alternative<request>(read_request(message)));
}

TEST(ReadRequest, EveryTruncationIsRefused) {
    const std::string whole =
        R"({"jsonrpc":"2.0","id":1,"method":"messages.send","params":{"id":"m","text":"hola"}})";
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_EQ(refusal_of(whole.substr(0, n)), failure::kind::parse) << n;
}

TEST(ReadRequest, CodesAndNamesComePlain) {
    const auto read = read_params("cohort.join", R"({"code":"abcd-2 3","name":"  Ana María \t"})");
    EXPECT_TRUE(std::holds_alternative<failure>(read)) << "a tab is a control character";
    const auto plain = read_params("cohort.join", R"({"code":"abcd-2 3","name":"  Ana María "})");
    ASSERT_TRUE(std::holds_alternative<params>(plain));
    const auto& join = std::get<cohort_join>(std::get<params>(plain));
    EXPECT_EQ(join.code, "ABCD23");
    EXPECT_EQ(join.name, "Ana María");
}

} // namespace
} // namespace studium::rpc
