// The tree as it is, against the house as it is drawn.
#include "tests/architecture/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace studium::architecture {
namespace {

TEST(Architecture, EveryIncludeFollowsADrawnArrow) {
    const auto files = read_sources(STUDIUM_SOURCE_DIR);
    ASSERT_TRUE(std::any_of(files.begin(), files.end(),
                            [](const source& file) { return file.path == "server/core/worker.hpp"; }))
        << "the sources were not read from " << STUDIUM_SOURCE_DIR;
    for (const auto& breach : breaches(studium_house(), files)) ADD_FAILURE() << breach;
}

TEST(Architecture, TheArrowsGoRoundInNoCircle) {
    EXPECT_EQ(circles(studium_house()), std::vector<std::string>{});
}

} // namespace
} // namespace studium::architecture
