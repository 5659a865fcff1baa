// Settings are read once, here: defaults, then a configuration file, then the command line.
#pragma once

#include "server/edge/server.hpp"
#include "server/live/session.hpp"
#include "server/ops/log.hpp"
#include "server/redis/link.hpp"
#include "server/room/core.hpp"
#include "server/workspace/limits.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace studium::app {

struct configuration {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::filesystem::path data = "data";
    std::filesystem::path web = "web-client/dist";
    unsigned threads = 0; // 0: one a core
    std::chrono::milliseconds drain{10'000};

    log::level log_level = log::level::info;
    log::format log_format = log::format::logfmt;

    std::optional<redis::endpoint> redis; // nothing: a private one in data/redis
    std::string appendfsync = "always";   // of the private one
    redis::link_options link;

    edge::limits edge;
    workspace::limits workspace;
    live::limits live;
    room::settings room;
    int unload_after_seconds = 30;

    bool demo = false;
    unsigned demo_groups = 6;
};

/// What to print, and with which status to leave.
struct leave {
    int status = 0;
    std::string text;
};

/// Reads the command line and the file that it names. Anything unknown or out of range is refused by name.
std::variant<configuration, leave> read_configuration(int argc, const char* const* argv);

} // namespace studium::app
