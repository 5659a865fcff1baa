// Both sides of /live are held to the same fixtures: the web client's test reads these files too.
#include "protocol/rpc/messages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace studium::rpc {
namespace {

const std::filesystem::path root{STUDIUM_SOURCE_DIR};

TEST(RpcFixtures, ParametersAreAcceptedAndRefusedAsTheSchemaSays) {
    std::size_t accepted = 0, refused = 0;
    for (const auto& file : std::filesystem::directory_iterator{root / "protocol/schema/methods"}) {
        const std::string method = file.path().stem().string();
        std::ifstream in{root / "protocol/fixtures/rpc" / (method + ".json")};
        ASSERT_TRUE(in) << "no fixtures for " << method;
        const auto fixture = nlohmann::json::parse(in);
        for (const auto& c : fixture["params"]["accepts"]) {
            const auto read = read_params(method, c["value"].dump());
            const auto* wrong = std::get_if<failure>(&read);
            EXPECT_EQ(wrong, nullptr) << method << ": " << c["why"] << ": " << (wrong ? wrong->message : "");
            ++accepted;
        }
        for (const auto& c : fixture["params"]["refuses"]) {
            const auto read = read_params(method, c["value"].dump());
            const auto* wrong = std::get_if<failure>(&read);
            ASSERT_NE(wrong, nullptr) << method << " took: " << c["why"];
            EXPECT_EQ(wrong->what, failure::kind::invalid_params) << method << ": " << c["why"];
            EXPECT_EQ(wrong->field, c["field"].get<std::string>()) << method << ": " << c["why"];
            ++refused;
        }
    }
    EXPECT_GT(accepted, 20U);
    EXPECT_GT(refused, 60U);
}

} // namespace
} // namespace studium::rpc
