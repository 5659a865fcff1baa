// The one idea: a room is a log. This is its core, sans-IO: it is told what happened and says what to do, and
// knows no socket, no Redis, no clock. The same core runs in the server and, many at once, in the simulator.
//
// A change is appended to the log, and only when the log has acknowledged it is it applied, relayed and
// settled: a relayed change is a stored change. While one append is in flight further changes gather and
// leave together as the next one; there are no timers.
#pragma once

#include "protocol/base/result.hpp"
#include "server/room/authors.hpp"
#include "server/room/position.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace studium::room {

/// One entry of the log. `origin` names the append (see authors.hpp), so that one whose answer was lost is
/// recognised when the log is read again. The entries of one append stand together, and all of them or none.
struct entry {
    enum class kind { change, epoch };
    position at;
    kind what = kind::change;
    std::string origin;
    std::string payload; // a change; of an epoch entry: the last position its author knew of the epoch before
};

/// What a room's log adds up to: plain values, no I/O.
class state {
public:
    virtual ~state() = default;
    /// Starts over from a snapshot; from nothing where it is empty.
    virtual void load(std::string_view snapshot) = 0;
    /// Must take every payload that was ever appended, in log order.
    virtual void apply(position at, std::string_view payload) = 0;
    virtual std::string snapshot() = 0;
    /// Commuting rooms only: several payloads as one, and a snapshot is itself a payload.
    virtual std::string merge(std::span<const std::string_view> payloads) = 0;
    /// Checked rooms only: payloads that lead here from nothing. Should the store lose its past while others
    /// went on, they are appended again: applied to a state that holds some of it already, they must add the
    /// rest.
    virtual std::vector<std::string> story() = 0;
};

/// Who handed in a change; 0 is nobody.
using ticket = std::uint64_t;

/// Decides a command against the state as it will stand at `next`, the position of its first event.
/// No events and no error is a question answered: it settles when everything that it saw is stored.
using decider = std::function<result<std::vector<std::string>>(position next)>;

struct change {
    std::string origin, payload;
};

struct append_request {
    std::uint64_t number = 0; // of this append, given back with the answer
    bool checked = false;     // refuse where the log's end is not `expected`
    position expected;        // checked only
    std::uint64_t epoch = 0;
    std::vector<change> changes; // all of them in one step, or none
};

/// The log as one atomic read saw it.
struct image {
    bool exists = false;                 // the stream
    position end;                        // the last position ever given out in it
    std::optional<position> snapshot_at; // of the stored snapshot
    std::string snapshot;         // where it was asked for; in checked rooms the authors' line comes first
    std::optional<entry> at_from; // the entry at the position asked from, if it is still there
    std::vector<entry> after;     // those after it (after the snapshot, where that was asked for)
};

/// What nodes that have the same room open tell each other over its channel.
struct channel_message {
    enum class kind { hello, at, entry, fleeting, beat, bye };
    kind what = kind::hello;
    std::string node;            // who says it
    position at;                 // of an entry; else the newest that its sender knows
    std::string origin, payload; // of entry; fleeting: the payload
};

/// What the core asks of its surroundings. None of these may call back into the core before returning.
class actions {
public:
    virtual ~actions() = default;
    virtual void append(const append_request&) = 0;           // → appended, append_failed
    virtual void read(position from, bool with_snapshot) = 0; // → read_done, read_failed
    virtual void begin_epoch(std::uint64_t epoch, const std::string& origin,
                             const std::string& payload) = 0;             // → epoch_begun
    virtual void write_snapshot(position upto, std::string snapshot) = 0; // → snapshot_written
    virtual void publish(const channel_message&) = 0;
    virtual void retry_later() = 0; // → retry
    virtual std::uint64_t wall_clock_ms() = 0;

    // Towards the people in the room.
    virtual void opened() = 0;
    virtual void stored(position, std::string_view payload, std::span<const ticket> authors) = 0;
    virtual void settled(ticket, result<position>) = 0;
    virtual void storage_changed(bool available) = 0;
    virtual void history_changed() = 0; // the log lost something, or this node missed something it can't name
    virtual void peer_joined(std::string_view node) = 0;
    virtual void fleeting(std::string_view node, std::string_view payload) = 0;
    virtual void peer_lost(std::string_view node) = 0;
};

struct settings {
    bool commuting = false; // Yjs updates: no order, no check, may be merged
    std::string node;       // this node's name, unique among all nodes and their restarts
    std::size_t max_pending_bytes = 8 * 1024 * 1024; // waiting and in flight; over it a change is refused
    std::size_t max_append_bytes = 1024 * 1024;      // of one append, as far as single changes allow
    std::size_t snapshot_after_entries = 500;
    std::size_t snapshot_after_bytes = 256 * 1024;
};

class core {
public:
    core(settings, state&, actions&);

    // What people want.
    void submit(ticket, std::string payload); // commuting rooms
    void submit(ticket, decider);             // checked rooms
    void say(std::string payload);            // to the other nodes, never stored

    // What happens.
    void link_up();
    void link_down();
    void channel_ready();
    void appended(std::uint64_t number, const std::vector<position>& ids);
    /// store_unavailable: nothing was sent, or Redis refuses writes. indeterminate: no answer came.
    /// conflict: the log's end is elsewhere, its epoch has moved on, or it is gone.
    void append_failed(std::uint64_t number, errc why);
    void read_done(image);
    void read_failed();
    void epoch_begun(bool won);
    void snapshot_written(position upto, bool kept);
    void heard(const channel_message&);
    void published_to(std::int64_t receivers);
    void retry();
    /// Every few seconds: tells peers that this node lives, and notices those that do not.
    void beat();

    bool live() const noexcept { return phase_ == phase::live; }
    bool storage_available() const noexcept { return available_; }
    bool idle() const noexcept { return queue_.empty() && !in_flight_ && !reading_ && !snapshot_in_flight_; }
    position end() const noexcept { return last_; }
    std::size_t pending_bytes() const noexcept { return pending_bytes_; }
    /// Says goodbye to the peers; nothing may be asked of the core afterwards.
    void leave();

private:
    enum class phase {
        opening,     // nothing known yet
        live,        // what is here is what the log holds
        catching_up, // the log may hold more, or less: being read
        recovering,  // the log lost what is known here: a new epoch is being begun
    };
    struct waiting {
        ticket who = 0;
        std::string payload;
        decider decide;
        std::size_t bytes = 0; // as counted in pending_bytes_
        position end;          // checked rooms: of its events, once decided
        std::string origin;    // checked rooms: of an earlier append that holds it; empty: never sent
    };
    struct flight {
        append_request request;
        std::string origin; // of what had none
        position end;       // checked rooms: of the last event
        std::vector<waiting> items;
        std::optional<position> acknowledged; // the answer came, but out of turn
        bool unsent = false;                  // failed, or not known to have arrived: to be sent again
        bool looked_for = false;              // acknowledged, and the log was read for it since
    };

    void take(waiting);
    void answer(const waiting&, result<position>);
    void pump();
    void gather_commuting(flight&);
    void gather_checked(flight&);
    void decide(flight&, waiting, bool told);
    void confirm(position end);
    void settle_flight();
    void put_back_flight();
    void send_flight_again();
    std::string own_origin() const;

    void follow(const entry&);
    void advance(position, const std::string& origin, std::string_view payload);
    void forget_oldest();

    void fall_behind(bool with_snapshot);
    void start_reading(bool with_snapshot);
    enum class past { same, lost, unknown };
    past compare(const image&) const;
    bool has_hole(const image&) const;
    bool has_flight(const image&) const;
    authors authors_in(const image&) const;
    void load_image(const image&);
    void open_from(const image&);
    void catch_up_from(const image&);
    void reload_from(const image&);
    void become_live();
    void set_available(bool);

    void begin_epoch_after(const image&);
    void recover_from(const image&);
    void append_everything();
    waiting said_again(std::vector<std::string> events, std::string origin);
    std::deque<waiting> unstored(const authors& stored);
    std::deque<waiting> whole_story();

    void consider_snapshot();
    void hear_of_end(position);
    void hear_entry(const channel_message&);
    void meet(const std::string& node);
    void part(const std::string& node);

    settings settings_;
    state& state_;
    actions& out_;

    phase phase_ = phase::opening;
    bool link_up_ = false, available_ = false;
    bool reading_ = false, reading_with_snapshot_ = false;
    bool read_again_ = false, read_again_with_snapshot_ = false;
    position last_;           // everything up to here is stored, applied and relayed
    std::string last_origin_; // of the entry there
    // What is known here is in the state, the queue or the flight: whatever the log lost is found in one of
    // them.
    std::deque<waiting> queue_;
    std::optional<flight> in_flight_;
    std::uint64_t attempts_ = 0;
    std::size_t pending_bytes_ = 0; // of the queue and the flight
    bool epoch_refused_ = false;    // when one was last to be begun

    bool snapshot_in_flight_ = false;
    std::size_t snapshot_bytes_ = 0; // of the newest
    std::size_t entries_since_snapshot_ = 0, bytes_since_snapshot_ = 0;

    // Checked rooms: should the log lose some of its newest entries, exactly these are appended again.
    authors authors_;          // of all up to last_
    std::deque<entry> recent_; // the newest of them
    std::size_t recent_bytes_ = 0;
    authors authors_before_; // of those before recent_

    struct peer {
        std::string node;
        int silent_beats;
    };
    std::vector<peer> peers_;
};

} // namespace studium::room
