#include "server/ops/log.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace studium::log {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point when{1'795'288'680'007ms}; // 2026-11-21T19:18:00.007Z

std::string logfmt(fields with) { return render(format::logfmt, when, level::info, "room.opened", with); }
/// What follows the event in a logfmt line.
std::string rest(fields with) {
    const auto line = logfmt(with);
    return line.substr(line.find("room.opened ") + 12);
}
std::string json(fields with) { return render(format::json, when, level::warn, "room.opened", with); }

TEST(Log, WritesALineOfKeysAndValues) {
    const workspace_id room{"w_8Fq2"};
    EXPECT_EQ(logfmt({{"room", room}, {"entries", 14}, {"merged", true}, {"why", errc::store_unavailable}}),
              "time=2026-11-21T19:18:00.007Z level=info event=room.opened room=w_8Fq2 entries=14 merged=true "
              "why=store_unavailable");
}

TEST(Log, WritesTheSameAsJson) {
    const std::string room = "w_8Fq2";
    EXPECT_EQ(json({{"room", room}, {"entries", std::size_t{14}}, {"took_ms", 1500us}, {"below", -1}}),
              R"({"time":"2026-11-21T19:18:00.007Z","level":"warn","event":"room.opened","room":"w_8Fq2",)"
              R"("entries":14,"took_ms":1.5,"below":-1})");
}

TEST(Log, AValueCannotForgeALineOrAField) {
    EXPECT_EQ(rest({{"text", "a\nlevel=error b=\"c\\"}}), R"(text="a?level=error b=\"c\\")");
    EXPECT_TRUE(json({{"text", "a\n\"\x1b[31m"}}).ends_with(R"(,"text":"a?\"?[31m"})"));
}

TEST(Log, TextThatIsNotAsciiIsNotRepeated) { EXPECT_EQ(rest({{"text", "\xe2\x80\xae"}}), R"(text="???")"); }

TEST(Log, EmptyTextIsVisible) { EXPECT_EQ(rest({{"text", ""}}), R"(text="")"); }

TEST(Log, LongTextIsCut) {
    const std::string text(1000, 'x');
    EXPECT_EQ(rest({{"text", text}}), "text=\"" + std::string(256, 'x') + "...\"");
}

TEST(Log, NumbersThatJsonCannotSayBecomeText) {
    EXPECT_NE(json({{"ratio", std::numeric_limits<double>::quiet_NaN()}}).find(R"("ratio":"nan")"),
              std::string::npos);
    EXPECT_NE(json({{"ratio", std::numeric_limits<double>::infinity()}}).find(R"("ratio":"inf")"),
              std::string::npos);
}

TEST(Log, LevelsAndFormatsHaveNames) {
    EXPECT_EQ(parse_level("debug"), level::debug);
    EXPECT_EQ(parse_level("error"), level::error);
    EXPECT_EQ(parse_level("loud"), std::nullopt);
    EXPECT_EQ(parse_format("json"), format::json);
    EXPECT_EQ(parse_format("xml"), std::nullopt);
}

class LogOutput : public testing::Test {
protected:
    void TearDown() override { configure(level::info, format::logfmt); }
};

TEST_F(LogOutput, BelowTheLevelNothingIsWritten) {
    configure(level::warn, format::logfmt);
    testing::internal::CaptureStderr();
    info("quiet");
    warn("loud", {{"n", 1}});
    const auto written = testing::internal::GetCapturedStderr();
    EXPECT_EQ(written.find("quiet"), std::string::npos);
    EXPECT_TRUE(written.ends_with("level=warn event=loud n=1\n")) << written;
}

TEST_F(LogOutput, LinesOfManyThreadsStayWhole) {
    constexpr int threads = 4, lines_each = 500;
    testing::internal::CaptureStderr();
    {
        std::vector<std::jthread> writers;
        for (int t = 0; t < threads; ++t)
            writers.emplace_back([t] {
                for (int i = 0; i < lines_each; ++i) info("line", {{"thread", t}, {"i", i}});
            });
    }
    std::istringstream written{testing::internal::GetCapturedStderr()};
    std::set<std::string> seen;
    for (std::string line; std::getline(written, line);) seen.insert(line.substr(line.find(" event=")));
    std::set<std::string> expected;
    for (int t = 0; t < threads; ++t)
        for (int i = 0; i < lines_each; ++i)
            expected.insert(" event=line thread=" + std::to_string(t) + " i=" + std::to_string(i));
    EXPECT_EQ(seen, expected);
}

} // namespace
} // namespace studium::log
