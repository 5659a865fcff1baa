// Several nodes, one log with faults, one thread, one seed. The cores are the server's own; the log keeps to
// the contract of Redis streams that server/room relies on, and loses what Redis was measured to lose.
#pragma once

#include "server/room/core.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace studium::room::simulation {

struct faults {
    bool cut_links = true;    // a node's connection breaks: what was sent may or may not arrive, and late
    bool lose_tail = false;   // the log restarts without its newest entries, perhaps with an older snapshot
    bool wipe = false;        // all is gone, or the log without its snapshot; perhaps without a broken link
    bool drop_publish = true; // channels are at-most-once
    bool kill_nodes = true;   // a node ends and another takes its place
};

class world {
public:
    world(std::uint64_t seed, bool commuting, faults);
    ~world();

    /// Nodes, faults and changes at random, for `steps`; then peace, until all is quiet.
    void run(int steps);

    /// What is wrong with the outcome; empty: nothing. `survivors_only`: what no living node knows may be
    /// gone.
    std::string verdict(bool survivors_only) const;
    std::uint64_t changes_settled() const;
    std::uint64_t epochs() const;

private:
    struct stream {
        bool exists = false;
        position end;
        std::vector<entry> entries;
        std::optional<position> snapshot_at;
        std::shared_ptr<const std::string> snapshot;
    };
    struct command;
    class node;

    std::uint64_t roll(std::uint64_t below) { return random_() % below; }
    bool chance(int percent) { return roll(100) < static_cast<std::uint64_t>(percent); }
    /// Where the log can lose its past, a story told again must change nothing; where it can't, twice is a
    /// fault.
    bool once() const { return commuting_ || faults_.lose_tail || faults_.wipe; }
    void at(std::uint64_t delay, std::function<void()> what);
    void step();
    void start_node();
    void kill_node();
    void written();
    void lose_past();

    std::mt19937_64 random_;
    bool commuting_, peace_ = false;
    faults faults_;
    std::uint64_t now_ = 0, order_ = 0, next_node_ = 0, next_change_ = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::function<void()>> agenda_;
    stream log_;
    std::deque<stream> past_; // as it stood after each of the latest commands
    stream older_;            // a copy that lags, or a backup
    std::uint64_t restarts_ = 0;
    std::vector<std::shared_ptr<node>> nodes_, dead_;
    std::set<std::string> known_; // changes that anybody was shown, or told to be stored
    std::uint64_t settled_ = 0, epochs_ = 0;
};

} // namespace studium::room::simulation
