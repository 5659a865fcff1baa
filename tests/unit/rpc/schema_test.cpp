// The tables that C++ and the web client each hold a copy of say the same.
#include "protocol/base/close_code.hpp"
#include "protocol/rpc/messages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>

namespace studium {
namespace {

nlohmann::json read(const char* name) {
    std::ifstream in{std::filesystem::path{STUDIUM_SOURCE_DIR} / "protocol/schema" / name};
    return nlohmann::json::parse(in);
}

TEST(Schema, ErrorCodesAreThoseOfTheFile) {
    const auto codes = read("error-codes.json")["codes"];
    using kind = rpc::failure::kind;
    std::size_t n = 0;
    for (auto k = static_cast<int>(kind::parse); k <= static_cast<int>(kind::too_large); ++k, ++n) {
        const auto which = static_cast<kind>(k);
        EXPECT_EQ(codes.at(std::string{rpc::name_of(which)}), rpc::code_of(which));
    }
    EXPECT_EQ(codes.size(), n);
}

TEST(Schema, CloseCodesAreThoseOfTheFile) {
    using namespace close_codes;
    const std::map<std::string, close_code> ours{
        {"normal", normal},
        {"going_away", going_away},
        {"wrong_frame_kind", wrong_frame_kind},
        {"too_big", too_big},
        {"internal_error", internal_error},
        {"restarting", restarting},
        {"too_slow", too_slow},
        {"overloaded", overloaded},
        {"malformed", malformed},
        {"not_signed_in", not_signed_in},
        {"forbidden", forbidden},
        {"not_found", not_found},
        {"document_full", document_full},
        {"flooding", flooding},
        {"no_hello", no_hello},
        {"history_changed", history_changed},
    };
    const auto codes = read("close-codes.json")["codes"];
    EXPECT_EQ(codes.size(), ours.size());
    for (const auto& c : codes) {
        const auto it = ours.find(c["name"]);
        ASSERT_NE(it, ours.end()) << c["name"];
        EXPECT_EQ(it->second.code, c["code"]) << c["name"];
        EXPECT_EQ(it->second.reconnect, c["reconnect"].get<bool>()) << c["name"];
        EXPECT_LE(it->second.reason.size(), 123U) << c["name"]; // what a close frame can carry
    }
}

TEST(Schema, CodesThatForbidToComeBackAreThoseThatStockProvidersObey) {
    const auto codes = read("close-codes.json")["codes"];
    EXPECT_FALSE(codes.empty());
    for (const auto& c : codes) {
        const int code = c["code"];
        if (code >= 4400 && code < 4500) EXPECT_FALSE(c["reconnect"].get<bool>()) << c["name"];
    }
}

} // namespace
} // namespace studium
