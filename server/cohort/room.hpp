// A cohort's room: its state, live. Everything here runs on the worker that the room belongs to.
#pragma once

#include "protocol/rpc/messages.hpp"
#include "protocol/websocket/frame.hpp"
#include "server/cohort/state.hpp"
#include "server/room/host.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace studium::cohort {

/// One signed-in socket as the cohort sees it; it may belong to another worker.
class listener {
public:
    virtual ~listener() = default;
    virtual worker& home() noexcept = 0;
    /// On its home worker only.
    virtual void deliver(const websocket::shared_frame&) = 0;
};

class cohort_room final : public room::occupant {
public:
    cohort_room(room::open_room&, worker&, limits);

    // The people who are connected.
    /// `page`: the group whose events this socket gets. A person may have several sockets.
    void attach(std::shared_ptr<listener>, person_id, std::optional<group_id> page);
    void turn_to(const listener&, group_id page);
    /// `cleanly`: the person said goodbye; else a few seconds are left to come back before others are told.
    void detach(const listener&, bool cleanly);

    // Commands: decided, stored, and only then answered. Errors: those of state, and store_unavailable.
    struct joined_person {
        person_id person;
        group_id group;
    };
    task<result<joined_person>> join(cohort_state::join);
    task<result<void>> leave(person_id);
    task<result<void>> say_time_zone(person_id, std::string zone);
    task<result<rpc::message>> post(person_id, group_id, std::string id, std::string text, std::int64_t now);
    /// What a new cohort begins with, or what is added to it by its staff.
    task<result<void>> record(std::vector<event>);

    // Questions, answered from what is stored: a state that is ahead of the log is waited for.
    task<result<rpc::session>> session_of(person_id, std::optional<group_id> page);
    task<result<std::vector<rpc::group>>> groups();
    task<result<rpc::group>> group(group_id);
    task<result<cohort_state::page>> history(group_id, int limit, std::optional<room::position> before,
                                             std::optional<room::position> after);
    task<result<cohort_state>> copy();

    // room::occupant
    void load(std::string_view snapshot) override;
    void apply(room::position, std::string_view payload) override;
    std::string snapshot() override { return state_.snapshot(); }
    std::string merge(std::span<const std::string_view>) override {
        return {};
    } // never asked: events do not merge
    std::vector<std::string> story() override;
    void stored(room::position, std::string_view payload, std::span<const room::ticket>) override;
    void settled(room::ticket, result<room::position>) override;
    void storage_changed(bool available) override;
    void history_changed() override;
    void peer_joined(std::string_view) override { tell_peers(); }
    void fleeting(std::string_view node, std::string_view payload) override;
    void peer_lost(std::string_view node) override;
    void tick() override;
    bool deserted() const override { return listeners_.empty() && waiting_.empty(); }

private:
    struct attached {
        std::shared_ptr<listener> who;
        person_id person;
        std::optional<group_id> page;
    };
    struct connected {
        int sockets = 0;
        int gone_ticks = 0; // since the last one went
    };
    struct answer;

    /// Decides in the log's order and waits until it, and all that it saw, is stored.
    task<result<room::position>> submit(room::decider);
    template <class T> task<result<T>> ask(std::function<result<T>()> question);
    bool here(const person_id&) const;
    is_here presence() const;
    void broadcast(const std::optional<group_id>& page, const rpc::event&);
    void members_changed(const person_id&);
    void members_changed(const group_id&);
    void tell_peers();

    room::open_room& room_;
    worker& worker_;
    cohort_state state_;
    std::vector<attached> listeners_;
    std::map<person_id, connected> here_;
    std::map<std::string, std::set<person_id>, std::less<>> elsewhere_; // by node
    room::ticket last_ticket_ = 0;
    std::map<room::ticket, std::shared_ptr<answer>> waiting_;
    unsigned ticks_ = 0;
};

} // namespace studium::cohort
