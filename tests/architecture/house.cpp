#include "tests/architecture/house.hpp"

namespace studium::architecture {

// A new folder gets a row here and its place in the picture of docs/design.md, section 3: the two say the
// same. Nothing is included upwards, and server/cohort and server/workspace do not know each other.
const house& studium_house() {
    static const house drawn{
        .rooms =
            {
                {"protocol/base", {}},
                {"protocol/websocket", {"protocol/base"}},
                {"protocol/yjs", {"protocol/base"}},
                {"protocol/collab", {"protocol/yjs", "protocol/base"}},
                {"protocol/rpc", {"protocol/base"}},
                {"server/core", {"protocol/*"}},
                {"server/ops", {"server/core", "protocol/*"}},
                // From here on everybody may count and tell.
                {"server/redis", {"server/core", "server/ops", "protocol/*"}},
                {"server/edge", {"server/core", "server/ops", "protocol/*"}},
                {"server/room", {"server/core", "server/ops", "server/redis", "protocol/*"}},
                {"server/identity", {"server/core", "server/ops", "server/redis", "protocol/*"}},
                {"server/cohort",
                 {"server/room", "server/identity", "server/core", "server/ops", "server/redis",
                  "protocol/*"}},
                {"server/workspace",
                 {"server/room", "server/identity", "server/core", "server/ops", "server/redis",
                  "protocol/*"}},
                {"server/live",
                 {"server/cohort", "server/identity", "server/room", "server/core", "server/ops",
                  "protocol/*"}},
                {"server/app", {"server/*", "protocol/*"}},
                {"server", {"server/app", "protocol/base"}},
                {"load-tests", {"protocol/*"}},
            },
        .libraries =
            {
                // A file that instantiates a Beast stream compiles for 20 s: few may.
                {"boost/beast", {"server/edge/*", "server/core/boost_impl.cpp"}},
                {"boost/asio", {"server/*"}},
                {"hiredis", {"server/redis/*.cpp"}},
                {"sodium", {"server/identity/*"}},
                {"spdlog", {"server/ops/*.cpp"}},
                {"CLI", {"server/app/*.cpp", "server/main.cpp", "load-tests/*.cpp"}},
                {"toml", {"server/app/*.cpp"}},
                // Headers see json_fwd.hpp.
                {"nlohmann/json.hpp",
                 {"protocol/rpc/*.cpp", "server/edge/http.cpp", "server/cohort/*.cpp", "server/live/*.cpp",
                  "server/identity/*.cpp", "server/app/*.cpp", "load-tests/*.cpp"}},
            },
        .seams =
            {
                {"server/edge", {"server/edge/http.hpp", "server/edge/server.hpp"}},
            },
        .pure = {"protocol/*", "server/room/core.*", "server/cohort/state.*"},
        .impure_includes = {"boost/asio", "boost/beast", "hiredis", "spdlog", "sys/socket.h", "unistd.h",
                            "thread", "mutex", "fstream", "iostream"},
    };
    return drawn;
}

} // namespace studium::architecture
