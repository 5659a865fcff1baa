// A thread that keeps one child process running.
#pragma once

#include "server/redis/child_process.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace studium::redis {

/// The child is forked by this thread, since the kernel ends it with the thread that forked it.
class supervisor {
public:
    struct command {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        std::filesystem::path output;
        std::filesystem::path pid_file; // holds the pid of the child that was started last; none where empty
    };
    explicit supervisor(command);
    /// SIGTERM, and SIGKILL after 10 s.
    ~supervisor();
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    /// From now on a child that dies is started again: at once, then with a pause that grows while it keeps
    /// dying. False where it has ended already.
    bool keep_running();
    /// Waits up to `limit` for the child to end for good; how it did, or nothing while it runs.
    std::optional<std::string> ended_within(std::chrono::milliseconds limit);
    /// 0 while there is none.
    pid_t pid() const noexcept { return pid_; }

private:
    void run();
    std::string run_once();
    void write_pid_file() const;
    bool told_to_stop_within(std::chrono::milliseconds) const;
    bool ends_for_good(std::string how);

    const command command_;
    file_descriptor stop_; // an eventfd
    std::atomic<pid_t> pid_ = 0;
    std::mutex mutex_; // of the next three
    std::condition_variable changed_;
    bool keep_running_ = false;
    std::optional<std::string> ended_;
    std::thread thread_;
};

} // namespace studium::redis
