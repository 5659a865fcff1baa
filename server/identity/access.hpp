// Which cohort a code or a workspace belongs to, and who may open it. Foreign and non-existent look the same.
#pragma once

#include "server/identity/sessions.hpp"

namespace studium::identity {

/// What a join code opens: a cohort, as a learner of one of its schools.
struct invitation {
    cohort_id cohort;
    school_id school;
};

/// Errors: not_found, store_unavailable.
task<result<invitation>> find_invitation(redis::link&, std::string code);
task<result<void>> keep_invitation(redis::link&, std::string code, invitation);

task<result<void>> keep_workspace_owner(redis::link&, workspace_id, cohort_id);

/// May this session open this workspace (and, for now, then also write in it)? Errors: not_found (also where
/// it is another's), store_unavailable.
task<result<void>> may_open(redis::link&, session, workspace_id);

} // namespace studium::identity
