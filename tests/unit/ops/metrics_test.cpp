#include "server/ops/metrics.hpp"
#include "server/ops/process_metrics.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace studium::metrics {
namespace {

TEST(Metrics, CountersAndGaugesAppearInTheOrderOfRegistration) {
    registry all;
    auto& edits = all.add_counter("studium_edits_total", "Edits stored.");
    auto& first = all.add_gauge("studium_rooms_open", "Rooms in memory.", {{"worker", "0"}});
    auto& second = all.add_gauge("studium_rooms_open", "Rooms in memory.", {{"worker", "1"}});
    edits.add();
    edits.add(41);
    first.set(7);
    second.add(-2);
    EXPECT_EQ(all.render(), "# HELP studium_edits_total Edits stored.\n"
                            "# TYPE studium_edits_total counter\n"
                            "studium_edits_total 42\n"
                            "# HELP studium_rooms_open Rooms in memory.\n"
                            "# TYPE studium_rooms_open gauge\n"
                            "studium_rooms_open{worker=\"0\"} 7\n"
                            "studium_rooms_open{worker=\"1\"} -2\n");
}

TEST(Metrics, AHistogramIsCumulativeAndItsBoundsAreInclusive) {
    registry all;
    auto& h = all.add_histogram("append_seconds", "Time to store.", {0.25, 1}, {{"store", "redis"}});
    for (const double seconds : {0.125, 0.25, 0.5, 8.0}) h.observe(seconds);
    EXPECT_EQ(all.render(), "# HELP append_seconds Time to store.\n"
                            "# TYPE append_seconds histogram\n"
                            "append_seconds_bucket{store=\"redis\",le=\"0.25\"} 2\n"
                            "append_seconds_bucket{store=\"redis\",le=\"1\"} 3\n"
                            "append_seconds_bucket{store=\"redis\",le=\"+Inf\"} 4\n"
                            "append_seconds_sum{store=\"redis\"} 8.875\n"
                            "append_seconds_count{store=\"redis\"} 4\n");
}

TEST(Metrics, LabelsAndHelpAreEscaped) {
    registry all;
    all.add_gauge("g", "one\ntwo \\ \"three\"", {{"path", "a\"b\\c\nd"}});
    EXPECT_EQ(all.render(), "# HELP g one\\ntwo \\\\ \"three\"\n"
                            "# TYPE g gauge\n"
                            "g{path=\"a\\\"b\\\\c\\nd\"} 0\n");
}

TEST(Metrics, ANumberKeptElsewhereIsReadAtEveryRender) {
    registry all;
    double kept = 1.5;
    all.add_read(kind::gauge, "kept", "Elsewhere.", [&] { return kept; });
    EXPECT_NE(all.render().find("\nkept 1.5\n"), std::string::npos);
    kept = 2;
    EXPECT_NE(all.render().find("\nkept 2\n"), std::string::npos);
}

TEST(Metrics, AMistakeInTheCodeIsFoundAtRegistration) {
    registry all;
    all.add_counter("good_total", "Good.", {{"a", "1"}});
    EXPECT_THROW(all.add_counter("good_total", "Good.", {{"a", "1"}}), std::logic_error);
    EXPECT_THROW(all.add_gauge("good_total", "Good.", {{"a", "2"}}), std::logic_error);
    EXPECT_THROW(all.add_counter("no_total_at_the_end", "Bad."), std::logic_error);
    EXPECT_THROW(all.add_gauge("9lives", "Bad."), std::logic_error);
    EXPECT_THROW(all.add_gauge("with-dash", "Bad."), std::logic_error);
    EXPECT_THROW(all.add_gauge("g", "Bad.", {{"le", "1"}}), std::logic_error);
    EXPECT_THROW(all.add_histogram("h", "Bad.", {1, 1}), std::logic_error);
    EXPECT_THROW(all.add_read(kind::histogram, "r", "Bad.", [] { return 0.0; }), std::logic_error);
}

TEST(Metrics, ThreadsCountWhileAnotherRenders) {
    constexpr std::uint64_t threads = 4, each = 20'000;
    registry all;
    auto& edits = all.add_counter("edits_total", "Edits.");
    auto& open = all.add_gauge("open", "Open.");
    auto& seconds = all.add_histogram("seconds", "Seconds.", latency_buckets());
    {
        std::vector<std::jthread> writers;
        for (std::uint64_t t = 0; t < threads; ++t)
            writers.emplace_back([&] {
                for (std::uint64_t i = 0; i < each; ++i) {
                    edits.add();
                    open.add(i % 2 == 0 ? 1 : -1);
                    seconds.observe(0.5);
                }
            });
        for (int i = 0; i < 50; ++i) EXPECT_FALSE(all.render().empty());
    }
    EXPECT_EQ(edits.value(), threads * each);
    EXPECT_EQ(open.value(), 0);
    EXPECT_DOUBLE_EQ(seconds.sum(), 0.5 * static_cast<double>(threads * each));
}

TEST(Metrics, TheProcessShowsItsCost) {
    registry all;
    add_process_metrics(all);
    std::istringstream page{all.render()};
    int samples = 0;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with('#')) continue;
        ++samples;
        EXPECT_GE(std::stod(line.substr(line.find(' '))), 0.0) << line;
    }
    EXPECT_EQ(samples, 6);
}

} // namespace
} // namespace studium::metrics
