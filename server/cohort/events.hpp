// What can have happened in a cohort. Events are facts in the log: their meaning never changes, and every
// event that was ever written must be read for ever.
#pragma once

#include "protocol/rpc/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace studium::cohort {

struct created {
    std::string title;
};
struct school_added {
    rpc::school school;
};
struct group_created {
    group_id group;
    std::string name;
    workspace_id workspace;
    int seats = 0;
};
/// A person is on the cohort's roster: a teacher, or a learner whose seat waits.
struct enrolled {
    person_id person;
    std::string name;
    rpc::role role = rpc::role::student;
    school_id school;
    std::optional<group_id> group;
};
/// A learner has come: to the seat that waited, or to a free one (then enrolled just before).
struct joined {
    person_id person;
};
struct time_zone_said {
    person_id person;
    std::string time_zone;
};
/// Gave up the seat. What was written stays.
struct left {
    person_id person;
};
struct message_posted {
    std::string id; // made by the client
    person_id from;
    group_id group;
    std::string text;
    std::int64_t sent = 0; // milliseconds since 1970-01-01 UTC
};

using event = std::variant<created, school_added, group_created, enrolled, joined, time_zone_said, left,
                           message_posted>;

std::string write_event(const event&);
/// Nothing where the bytes are no event that this version knows.
std::optional<event> read_event(std::string_view json);

} // namespace studium::cohort
