// Processor time and memory of another process, as /proc tells them.
#pragma once

#include <cstdint>

namespace studium::load {

struct process_use {
    double cpu_seconds = 0; // user and system, all threads; steps of 10 ms
    std::uint64_t resident_bytes = 0;
};

/// Zeros for pid 0. Throws std::runtime_error where there is no such process.
process_use use_of(int pid);
process_use use_of_this_process();

} // namespace studium::load
