// All open rooms of one worker, and this worker's way to Redis. The appends of all its rooms travel together:
// while one batch is in flight further ones gather, so that one fsync of Redis serves many rooms.
#pragma once

#include "server/core/worker.hpp"
#include "server/redis/link.hpp"
#include "server/redis/subscriber.hpp"
#include "server/room/open_room.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace studium::room {

struct host_options {
    redis::endpoint endpoint;
    redis::link_options link;
    std::string node; // unique among all nodes, their workers and their restarts
    settings room;    // `commuting` and `node` are set per room
    std::chrono::seconds open_timeout{5};
    int unload_after_ticks = 30; // seconds that a room stays open with nobody in it
};

/// For metrics; read from any thread.
struct host_counters {
    std::atomic<std::uint64_t> rooms_open{0}, appends{0}, append_batches{0}, append_failures{0}, snapshots{0},
        relays_of_other_nodes{0};
    std::atomic<bool> storage_up{false};
};

class host {
public:
    using factory = std::function<std::unique_ptr<occupant>(open_room&)>;

    host(worker&, host_options);
    ~host();
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    void start();
    worker& home() noexcept { return worker_; }
    redis::link& link() noexcept { return link_; }
    const host_counters& count() const noexcept { return counters_; }
    bool storage_up() const noexcept { return link_.up(); }

    /// The room of this name, opened (and begun, if its log does not exist yet) unless it is open.
    /// Errors: store_unavailable, timed_out. Several callers share one opening.
    task<result<std::shared_ptr<open_room>>> open(std::string name, bool commuting, factory);

    /// Every room writes what it still can and says goodbye to its peers.
    void leave_all();
    /// Nothing is waiting to be stored in any room.
    bool idle() const;

private:
    friend class open_room;
    struct waiting_append {
        std::shared_ptr<open_room> who;
        append_request what;
    };
    void enqueue(std::shared_ptr<open_room>, const append_request&);
    void send_appends();
    void append_answered();
    void retry_soon(std::shared_ptr<open_room>);
    void link_changed(bool up);
    void every_second();

    worker& worker_;
    host_options options_;
    redis::link link_;
    redis::subscriber subscriber_;
    host_counters counters_;
    std::unordered_map<std::string, std::shared_ptr<open_room>> rooms_;
    std::unordered_map<std::string, std::vector<std::shared_ptr<asio::steady_timer>>> openings_;
    std::vector<waiting_append> appends_;
    std::size_t appends_in_flight_ = 0;
    bool sending_ = false;
    std::vector<std::weak_ptr<open_room>> retries_;
    asio::steady_timer retry_timer_, second_timer_;
    unsigned seconds_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0); // handlers that outlive this look here first
};

} // namespace studium::room
