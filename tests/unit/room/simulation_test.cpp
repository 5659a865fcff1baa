#include "simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace studium::room::simulation {
namespace {

/// Fixed seeds, and fresh ones that are printed when they fail. STUDIUM_SEED runs one alone, STUDIUM_RUNS
/// more.
std::vector<std::uint64_t> seeds() {
    if (const char* one = std::getenv("STUDIUM_SEED")) return {std::strtoull(one, nullptr, 10)};
    const char* wanted = std::getenv("STUDIUM_RUNS");
    const auto count = wanted ? std::strtoull(wanted, nullptr, 10) : 16;
    std::vector<std::uint64_t> all;
    for (std::uint64_t s = 1; s <= count / 2; ++s) all.push_back(s);
    std::random_device fresh;
    while (all.size() < count) all.push_back(fresh());
    return all;
}

void simulate(bool commuting, faults f, bool survivors_only) {
    std::uint64_t settled = 0, epochs = 0;
    for (const auto seed : seeds()) {
        world w{seed, commuting, f};
        w.run(2000);
        const auto wrong = w.verdict(survivors_only);
        ASSERT_EQ(wrong, "") << "STUDIUM_SEED=" << seed;
        settled += w.changes_settled();
        epochs += w.epochs();
    }
    // A simulation in which nothing happens would prove nothing.
    EXPECT_GT(settled, 100 * seeds().size());
    if (f.lose_tail || f.wipe) EXPECT_GT(epochs, seeds().size());
}

TEST(RoomSimulation, CommutingRoomLosesNothingWhenLinksBreakAndNodesDie) { simulate(true, {}, false); }

TEST(RoomSimulation, CheckedRoomLosesNothingWhenLinksBreakAndNodesDie) { simulate(false, {}, false); }

TEST(RoomSimulation, CommutingRoomBringsBackWhatTheLogLost) {
    simulate(true, {.lose_tail = true, .wipe = true}, true);
}

TEST(RoomSimulation, CheckedRoomBringsBackWhatTheLogLost) {
    simulate(false, {.lose_tail = true, .wipe = true}, true);
}

} // namespace
} // namespace studium::room::simulation
