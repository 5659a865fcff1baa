// A cohort as its log adds up to: pure, plain values. apply() takes every event that was ever appended;
// decide_* answers a command with events or with an error, and changes nothing.
#pragma once

#include "protocol/base/result.hpp"
#include "server/cohort/events.hpp"
#include "server/room/position.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace studium::cohort {

struct person_record {
    person_id id;
    std::string name;
    rpc::role role = rpc::role::student;
    school_id school;
    std::optional<group_id> group;
    bool has_joined = false;
    bool has_left = false;
    std::optional<std::string> time_zone;
};

struct message_record {
    std::string id;
    room::position at;
    person_id from;
    std::string text;
    std::int64_t sent = 0;
};

struct group_record {
    group_id id;
    std::string name;
    workspace_id workspace;
    int seats = 0;
    std::vector<person_id> members; // in the order in which they took their seats
    std::deque<message_record> messages;
    std::unordered_map<std::string, room::position> message_ids;
};

struct limits {
    std::size_t max_people = 5'000;
    std::size_t max_groups = 1'000;
    std::size_t max_messages_per_group = 20'000;
};

/// Who is connected now. Not part of the log, so a decision is told of it.
using is_here = std::function<bool(const person_id&)>;

class cohort_state {
public:
    explicit cohort_state(limits l = {}) : limits_{l} {}

    void apply(room::position at, const event&);
    std::string snapshot() const;
    /// The snapshot's events alone.
    std::vector<event> story() const;
    /// False where the bytes are no snapshot; the state is empty then.
    bool load(std::string_view snapshot);

    // Commands. Errors: not_found, full, forbidden, invalid.

    struct join {
        school_id school;
        std::string name;
        std::optional<group_id> group; // only this one
        person_id new_person;          // a fresh id, used where no seat waits under this name
    };
    struct seated {
        person_id person;
        std::vector<event> events;
    };
    /// A learner whose name waits on the school's roster gets that seat; anyone else a free one, where people
    /// are and few of the same school.
    result<seated> decide_join(const join&, const is_here&) const;
    result<std::vector<event>> decide_leave(const person_id&) const;
    result<std::vector<event>> decide_time_zone(const person_id&, const std::string& zone) const;
    /// No events where the message of this id is there already.
    result<std::vector<event>> decide_message(const person_id&, const group_id&, const std::string& id,
                                              const std::string& text, std::int64_t now) const;

    // Questions.

    const std::string& title() const noexcept { return title_; }
    bool exists() const noexcept { return exists_; }
    const person_record* find(const person_id&) const;
    const group_record* find(const group_id&) const;
    const std::vector<group_id>& groups() const noexcept { return group_order_; }
    rpc::person view(const person_record&) const;
    std::vector<rpc::member> members(const group_record&, const is_here&) const;
    rpc::group view(const group_record&, const is_here&) const;
    std::optional<rpc::message> message(const group_record&, const std::string& id) const;
    struct page {
        std::vector<rpc::message> messages;
        bool more = false;
    };
    page history(const group_record&, int limit, const std::optional<room::position>& before,
                 const std::optional<room::position>& after) const;

private:
    void tell_story(const std::function<void(const event&, room::position)>& tell) const;
    rpc::message view(const group_record&, const message_record&) const;
    group_record* group(const group_id&);
    person_record* person(const person_id&);

    limits limits_;
    bool exists_ = false;
    std::string title_;
    std::map<school_id, rpc::school> schools_;
    std::map<person_id, person_record> people_;
    std::map<group_id, group_record> groups_;
    std::vector<group_id> group_order_;
};

} // namespace studium::cohort
