// Who a token speaks for. Sessions live in Redis under the hash of their token, so that a copy of the store
// signs nobody in.
#pragma once

#include "protocol/base/id.hpp"
#include "server/core/worker.hpp"
#include "server/redis/link.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace studium::identity {

enum class standing {
    student, // a learner with a seat in one group
    teacher, // sees every group of the cohort
    members, // writes in every workspace of the cohort, is nobody: for editors and load of one's own
};

struct session {
    standing as = standing::student;
    cohort_id cohort;
    person_id person;       // empty for `members`
    workspace_id workspace; // a student's own
};

inline constexpr auto session_lifetime = std::chrono::hours{24 * 30}; // from the last sign-in

/// Errors: not_signed_in (unknown, ended or expired token), store_unavailable, indeterminate.
task<result<session>> find_session(redis::link&, std::string token);
/// Keeps a session under a token; its life begins (again) now.
task<result<void>> keep_session(redis::link&, std::string token, session);
task<result<void>> end_session(redis::link&, std::string token);

} // namespace studium::identity
