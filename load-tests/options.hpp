// What to load, how hard, and whose processor time to read meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace studium::load {

using seconds = std::chrono::duration<double>;

struct options {
    std::string scenario = "typing"; // typing, idle
    std::string label = "server";    // how the figures call it

    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string prefix = "/collab/"; // of the request target; a stock y-websocket server has "/"
    std::string token;               // empty: none
    std::vector<std::string> workspaces;

    std::size_t groups = 250;
    std::size_t members = 4;
    double rate = 3; // edits a second and member, each with a cursor message; 0: cursors and edits rest
    seconds warm_up{5};
    seconds duration{20};
    seconds drain{10};           // how long to wait for what is still under way at the end
    bool echo_awareness = false; // as stock providers do: every cursor that is new comes back
    bool separate_writes = true; // an edit and its cursor message leave in two system calls

    std::size_t steps = 5; // idle: memory is read after each of so many equal steps
    seconds settle{3};

    int server_pid = 0;
    int redis_pid = 0;
    std::size_t addresses = 0; // source addresses 127.0.0.1 and up; 0: one for every 4,000 connections
    std::uint64_t seed = 0;    // 0: drawn
    std::string expect_file;   // what each workspace must hold at the end, for yardsticks/verify.mjs
    bool json_only = false;

    std::size_t connections() const { return groups * members; }
};

/// Reads the command line and the demo.json it may name. Where the program should end instead (help, a
/// wrong option), returns nothing and sets `exit_code`.
std::optional<options> read_options(int argc, char** argv, int& exit_code);

} // namespace studium::load
