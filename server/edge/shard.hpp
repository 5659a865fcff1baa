// What one worker knows of its own connections: all of them, those with something to send at the end of this
// turn, and one timer that sweeps deadlines instead of a timer per socket.
#pragma once

#include "server/core/worker.hpp"
#include "server/edge/connection_table.hpp"
#include "server/edge/router.hpp"
#include "server/edge/server.hpp"
#include "server/edge/static_files.hpp"
#include "server/edge/tcp.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace studium::edge {

class shard;

/// What all shards of a server share. Only the atomics change after start.
struct common {
    common(edge::options o, std::vector<route> routes)
        : options{std::move(o)}, router{std::move(routes)},
          files{options.static_files, options.client_paths, options.content_security_policy},
          connections{std::make_shared<connection_table>(options.limits.max_connections,
                                                         options.limits.max_connections_per_address)} {}

    const edge::options options;
    const edge::router router;
    const edge::static_files files;
    const std::shared_ptr<connection_table> connections;
    std::vector<std::weak_ptr<shard>> shards;
    std::atomic<std::uint64_t> next_number{1};
    std::atomic<std::size_t> refusing{0}; // connections without a place that are being told so
};

/// Written by one thread, read by any.
class tally {
public:
    void add(std::uint64_t n) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

struct tallies {
    tally frames_in, frames_out, bytes_in, bytes_out, writes, closed_too_slow, handler_failures;
};

/// A connection as its shard sees it.
class resident {
public:
    /// Called every shard::sweep_interval(): acts on deadlines that are over.
    virtual void sweep(steady::time_point now) = 0;
    /// The server stops: end soon, politely.
    virtual void begin_stop(close_code why) = 0;
    /// End now.
    virtual void cut() = 0;

protected:
    ~resident() = default;

private:
    friend class shard;
    std::size_t slot_ = 0;
};

/// Something that has output for the end of this turn.
class flushable {
public:
    virtual void flush() = 0;
    virtual void hold() noexcept = 0;
    virtual void release() noexcept = 0;

protected:
    ~flushable() = default;
};

/// Every member is called on the worker's thread.
class shard : public std::enable_shared_from_this<shard> {
public:
    shard(worker& home, std::shared_ptr<common> all);

    worker& home() noexcept { return home_; }
    common& all() noexcept { return *all_; }
    const edge::limits& limits() const noexcept { return all_->options.limits; }
    tallies& counts() noexcept { return counts_; }
    const tallies& counts() const noexcept { return counts_; }

    void start();
    /// Ends every connection, now and those that still arrive.
    void begin_stop(close_code why);
    bool stopping() const noexcept { return stopping_; }
    void cut_all();
    /// The last call: ends the sweep.
    void retire();

    void add(resident&);
    void remove(resident&) noexcept;
    void flush_at_end_of_turn(flushable&);

    /// The time of the last sweep: as exact as idle deadlines need, and free.
    steady::time_point coarse_now() const noexcept { return now_; }
    /// A place for bytes that nobody reads.
    std::array<char, 16 * 1024>& waste() noexcept { return waste_; }

private:
    void sweep_later();
    void sweep();
    void flush_dirty();

    worker& home_;
    std::shared_ptr<common> all_;
    tallies counts_;
    std::vector<resident*> residents_;
    std::vector<flushable*> dirty_, flushing_;
    timer timer_;
    steady::duration sweep_interval_;
    steady::time_point now_ = steady::now();
    bool stopping_ = false, retired_ = false;
    std::array<char, 16 * 1024> waste_;
};

} // namespace studium::edge
