// A check that cannot fail is a defect: each rule is shown a house where it is broken.
#include "tests/architecture/rules.hpp"

#include <gtest/gtest.h>

namespace studium::architecture {
namespace {

using lines = std::vector<std::string>;

const house small{
    .rooms = {{"protocol/base", {}},
              {"server/redis", {"protocol/*"}},
              {"server/room", {"server/redis", "protocol/*"}},
              {"server/edge", {}},
              {"server/app", {"server/*"}},
              {"server", {"server/app"}},
              {"load-tests", {"protocol/*"}}},
    .libraries = {{"boost/beast", {"server/edge/*"}},
                  {"hiredis", {"server/redis/*.cpp"}},
                  {"nlohmann/json.hpp", {"server/app/*.cpp"}},
                  {"toml", {"server/app/*.cpp"}}},
    .seams = {{"server/edge", {"server/edge/server.hpp"}}},
    .pure = {"protocol/*", "server/room/core.*"},
    .impure_includes = {"boost/asio", "thread"},
};

TEST(ArchitectureRules, AHouseInOrderHasNoBreaches) {
    const std::vector<source> files{
        {"protocol/base/id.hpp", "#include <string>\n#include <chrono>\n"},
        {"server/redis/link.hpp", "#include \"protocol/base/id.hpp\"\n#include <boost/asio/post.hpp>\n"},
        {"server/redis/link.cpp", "#include \"server/redis/link.hpp\"\n#include <hiredis/async.h>\n"},
        {"server/room/core.hpp", "#include \"protocol/base/id.hpp\"\n"},
        {"server/room/room.cpp", "#include \"server/redis/link.hpp\"\n#include \"server/room/core.hpp\"\n"},
        {"server/edge/server.hpp", ""},
        {"server/app/app.hpp", "#include <nlohmann/json_fwd.hpp>\n"},
        {"server/app/app.cpp", "#include \"server/edge/server.hpp\"\n#include <nlohmann/json.hpp>\n"},
        {"server/main.cpp", "#include \"server/app/app.hpp\"\n"},
        {"load-tests/main.cpp", "#include \"protocol/base/id.hpp\"\n"},
    };
    EXPECT_EQ(breaches(small, files), lines{});
}

TEST(ArchitectureRules, AnArrowThatIsNotDrawn) {
    const std::vector<source> files{
        {"server/redis/link.cpp", "\n  #  include \"server/room/room.hpp\" // why not\n"},
        {"server/room/room.hpp", ""},
        {"load-tests/main.cpp", "#include \"server/room/room.hpp\"\n"}};
    EXPECT_EQ(breaches(small, files),
              (lines{"server/redis/link.cpp:2: no arrow is drawn from server/redis to server/room",
                     "load-tests/main.cpp:1: no arrow is drawn from load-tests to server/room"}));
}

TEST(ArchitectureRules, AFolderWithoutARow) {
    EXPECT_EQ(breaches(small, {{"server/attic/box.hpp", ""}}),
              lines{"server/attic/box.hpp:1: the folder server/attic has no row in the house"});
}

TEST(ArchitectureRules, APathThatDoesNotStartAtTheRoot) {
    EXPECT_EQ(breaches(small, {{"server/room/a.cpp", "#include \"b.hpp\"\n"}, {"server/room/b.hpp", ""}}),
              lines{"server/room/a.cpp:1: \"b.hpp\" is no file of ours: paths start at the root"});
}

TEST(ArchitectureRules, AHeaderBehindASeam) {
    EXPECT_EQ(breaches(small, {{"server/app/a.cpp", "#include \"server/edge/session.hpp\"\n"},
                               {"server/edge/session.hpp", ""}}),
              lines{"server/app/a.cpp:1: server/edge/session.hpp is the own affair of server/edge"});
}

TEST(ArchitectureRules, ALibraryOutsideItsPlace) {
    const std::vector<source> files{{"server/room/a.cpp", "#include <boost/beast.hpp>\n"},
                                    {"server/redis/a.hpp", "#include <hiredis/hiredis.h>\n"},
                                    {"server/redis/b.cpp", "#include <boost/beast/core.hpp>\n"},
                                    {"server/app/a.hpp", "#include <nlohmann/json.hpp>\n"},
                                    {"server/room/b.cpp", "#include <toml++/toml.h>\n"}};
    EXPECT_EQ(breaches(small, files),
              (lines{"server/room/a.cpp:1: <boost/beast.hpp> does not belong here",
                     "server/redis/a.hpp:1: <hiredis/hiredis.h> does not belong here",
                     "server/redis/b.cpp:1: <boost/beast/core.hpp> does not belong here",
                     "server/app/a.hpp:1: <nlohmann/json.hpp> does not belong here",
                     "server/room/b.cpp:1: <toml++/toml.h> does not belong here"}));
}

TEST(ArchitectureRules, APureFileThatReachesTheWorld) {
    const std::vector<source> files{
        {"server/redis/link.hpp", "#include <boost/asio/post.hpp>\n"},
        {"server/redis/reply.hpp", "#include \"server/redis/link.hpp\"\n"},
        {"server/room/core.hpp", "#include <vector>\n#include \"server/redis/reply.hpp\"\n"},
        {"protocol/base/id.cpp", "#include <thread>\n#include <thread_pool.hpp>\n"},
        {"server/room/core.cpp", "auto now = std::chrono::steady_clock::now();\n"},
    };
    EXPECT_EQ(breaches(small, files), (lines{"server/room/core.hpp:2: a pure file reaches "
                                             "<boost/asio/post.hpp> through server/redis/reply.hpp",
                                             "protocol/base/id.cpp:1: a pure file reaches <thread>",
                                             "server/room/core.cpp:1: a pure file reads a clock"}));
}

TEST(ArchitectureRules, HeadersThatIncludeEachOtherEndTheSearch) {
    const std::vector<source> files{{"server/room/core.hpp", "#include \"server/room/core.ipp.hpp\"\n"},
                                    {"server/room/core.ipp.hpp", "#include \"server/room/core.hpp\"\n"}};
    EXPECT_EQ(breaches(small, files), lines{});
}

TEST(ArchitectureRules, ACircleOfArrows) {
    EXPECT_EQ(circles(small), lines{});
    const house round{.rooms = {{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}, {"d", {"a"}}},
                      .libraries = {},
                      .seams = {},
                      .pure = {},
                      .impure_includes = {}};
    EXPECT_EQ(circles(round), (lines{"b", "c"}));
}

} // namespace
} // namespace studium::architecture
