// The values that messages on /live carry; protocol/schema/types.json in C++.
#pragma once

#include "protocol/base/id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace studium::rpc {

enum class role { student, teacher };

struct school {
    school_id id;
    std::string name;
};

/// What members of a cohort see of each other.
struct person {
    person_id id;
    std::string name;
    rpc::role role = rpc::role::student;
    rpc::school school;
    std::optional<std::string> time_zone; // IANA name, as the person's device said it
};

struct member {
    rpc::person person;
    bool here = false;   // connected now, on any device
    bool joined = false; // has come at least once
};

struct group {
    group_id id;
    std::string name;
    workspace_id workspace;
    int seats = 0;
    std::vector<member> members;
};

struct cohort {
    cohort_id id;
    std::string title;
};

struct session {
    person me;
    rpc::cohort cohort;
    std::optional<rpc::group> group;
    bool storage = false;
};

struct message {
    std::string id;
    std::string at; // position in the cohort's log
    group_id group;
    person from;
    std::string text;
    std::int64_t sent = 0; // milliseconds since 1970-01-01 UTC
};

} // namespace studium::rpc
