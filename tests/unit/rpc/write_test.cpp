#include "protocol/rpc/messages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace studium::rpc {
namespace {

using nlohmann::json;

person ana() {
    return {person_id{"p-1"}, "Ana", role::student, {school_id{"bogota"}, "Colegio"}, "America/Bogota"};
}

TEST(Write, AResultHasTheSchemasShape) {
    const session s{ana(),
                    {cohort_id{"c-1"}, "Rivers"},
                    group{group_id{"g-1"}, "Condor", workspace_id{"w-1"}, 6, {{ana(), true, true}}},
                    true};
    const auto j = json::parse(write_result("7", cohort_join_result{"token", s}));
    EXPECT_EQ(j["id"], 7);
    EXPECT_EQ(j["jsonrpc"], "2.0");
    EXPECT_EQ(j["result"]["token"], "token");
    EXPECT_EQ(j["result"]["session"]["me"]["school"]["name"], "Colegio");
    EXPECT_EQ(j["result"]["session"]["group"]["members"][0]["here"], true);
    EXPECT_EQ(j["result"]["session"]["group"]["workspace"], "w-1");
}

TEST(Write, WhatIsAbsentIsNull) {
    auto nobody = ana();
    nobody.time_zone.reset();
    const auto j =
        json::parse(write_result("1", hello_result{"studium", 5, session{nobody, {}, std::nullopt, false}}));
    EXPECT_TRUE(j["result"]["session"]["group"].is_null());
    EXPECT_TRUE(j["result"]["session"]["me"]["time_zone"].is_null());
}

TEST(Write, AFailureNamesItsKindItsFieldAndWhenToTryAgain) {
    const auto j = json::parse(write_failure("\"x\"", {failure::kind::rate_limited, "wait", "code", 1500}));
    EXPECT_EQ(j["id"], "x");
    EXPECT_EQ(j["error"]["code"], -32005);
    EXPECT_EQ(j["error"]["data"],
              (json{{"kind", "rate_limited"}, {"field", "code"}, {"retry_after_ms", 1500}}));
    const auto bare = json::parse(write_failure("null", {failure::kind::parse, "no", "", 0}));
    EXPECT_EQ(bare["error"]["data"], (json{{"kind", "parse"}}));
    EXPECT_TRUE(bare["id"].is_null());
}

TEST(Write, EventsCarryTheirMethod) {
    EXPECT_EQ(json::parse(write_event(storage_changed{true}))["params"], (json{{"available", true}}));
    EXPECT_EQ(json::parse(write_event(session_ended{session_ended::why::expired}))["params"]["reason"],
              "expired");
    const auto posted =
        json::parse(write_event(messages_posted{{"m1", "1-2", group_id{"g"}, ana(), "hi", 9}}));
    EXPECT_EQ(posted["method"], "messages.posted");
    EXPECT_EQ(posted["params"]["message"]["at"], "1-2");
    EXPECT_FALSE(posted.contains("id"));
}

} // namespace
} // namespace studium::rpc
