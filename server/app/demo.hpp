// Two partner schools, a teacher each, and a cohort of both with learners: something to look at at once.
#pragma once

#include "server/live/session.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace studium::app {

struct demo_links {
    std::string student, teacher;
    std::string bogota_code, osaka_code;
};

/// Seeds what is not there yet (so that a second start finds everything as it was) and writes DATA/demo.json,
/// readable by its owner only: {"url", "members_token", "teacher_token", "join_code", "workspaces", …}.
/// Errors: those of the store.
task<result<demo_links>> seed_demo(const live::context&, std::filesystem::path data, std::string url,
                                   unsigned groups);

} // namespace studium::app
