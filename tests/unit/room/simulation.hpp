// Several nodes, one log with faults, one thread, one seed. The cores are the server's own; the log keeps to the
// contract of Redis streams that server/room relies on, and loses what Redis was measured to lose.
#pragma once

#include "server/room/core.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace studium::room::simulation {

struct faults {
    bool cut_links = true;     // a node's connection breaks: what was sent may or may not arrive, and late
    bool lose_tail = false;    // the log restarts without its newest entries, perhaps with an older snapshot
    bool wipe = false;         // the log restarts empty
    bool drop_publish = true;  // channels are at-most-once
    bool kill_nodes = true;    // a node ends and another takes its place
};

class world {
public:
    world(std::uint64_t seed, bool commuting, faults);
    ~world();

    /// Nodes, faults and changes at random, for `steps`; then peace, until all is quiet.
    void run(int steps);

    /// What is wrong with the outcome; empty: nothing. `survivors_only`: what only killed nodes knew may be gone.
    std::string verdict(bool survivors_only) const;
    std::uint64_t changes_settled() const;
    std::uint64_t epochs() const;

private:
    struct stream {
        bool exists = false;
        position end;
        std::vector<entry> entries;
        std::optional<position> snapshot_at;
        std::string snapshot;
    };
    struct command;
    class node;

    std::uint64_t roll(std::uint64_t below) { return random_() % below; }
    bool chance(int percent) { return roll(100) < static_cast<std::uint64_t>(percent); }
    /// Where the log can lose its past, a story told again must change nothing; where it can't, twice is a fault.
    bool once() const { return commuting_ || faults_.lose_tail || faults_.wipe; }
    void at(std::uint64_t delay, std::function<void()> what);
    void step();
    void start_node();
    void kill_node();
    void restart_log();

    std::mt19937_64 random_;
    bool commuting_, peace_ = false;
    faults faults_;
    std::uint64_t now_ = 0, order_ = 0, next_node_ = 0, next_change_ = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::function<void()>> agenda_;
    stream log_;
    std::map<position, std::uint64_t> batches_; // which entries were appended in one step
    stream older_; // what a restart may fall back to
    std::vector<std::shared_ptr<node>> nodes_;
    std::set<std::string> settled_;        // changes whose author was told "stored"
    std::set<std::string> known_to_killed_; // settled or relayed at nodes that were killed
    std::set<std::string> relayed_;
    std::uint64_t epochs_ = 0;
};

} // namespace studium::room::simulation
