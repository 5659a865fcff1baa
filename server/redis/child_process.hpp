// A child process that dies with its parent, held by a pidfd: no pid is ever signalled after it was reused.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace studium::redis {

class file_descriptor {
public:
    file_descriptor() noexcept = default;
    explicit file_descriptor(int fd) noexcept : fd_{fd} {}
    file_descriptor(file_descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~file_descriptor();
    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// Some running process.
class process_handle {
public:
    /// Invalid where there is no such process (any more).
    static process_handle open(pid_t) noexcept;

    explicit operator bool() const noexcept { return static_cast<bool>(pidfd_); }
    pid_t pid() const noexcept { return pid_; }
    /// Readable, for poll(), once the process has ended.
    int pidfd() const noexcept { return pidfd_.get(); }
    bool signal(int number) const noexcept;
    /// Waits until the process has ended; false where it has not within the limit.
    bool ended_within(std::chrono::milliseconds) const noexcept;
    /// SIGTERM; where it still runs after `grace`, SIGKILL. Whether it has ended.
    bool terminate(std::chrono::milliseconds grace) const noexcept;

private:
    pid_t pid_ = 0;
    file_descriptor pidfd_;
};

/// Starts a program (an absolute path) with no input, both outputs appended to a file, in a session of its
/// own (a Ctrl-C meant for us does not reach it), and with none of our descriptors. The kernel sends it
/// SIGTERM when the *thread* that called this ends. Throws std::runtime_error.
process_handle start_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const std::filesystem::path& output);

/// Waits for a child that has ended; "exit status 1" or "signal 9".
std::string reap(const process_handle&);

/// The program's path, by PATH where it has no slash; empty where there is none.
std::filesystem::path find_program(const std::string& name);

} // namespace studium::redis
