#include "server/redis/supervisor.hpp"

#include <algorithm>
#include <fstream>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <unistd.h>

namespace studium::redis {

using namespace std::chrono_literals;

namespace {

constexpr auto grace = 10s;
constexpr std::chrono::milliseconds first_pause = 100ms, longest_pause = 5s;
constexpr auto healthy_life = 30s; // whoever lived that long is started again at once

// Signals are for the threads of the application that wait for them.
class all_signals_blocked {
public:
    all_signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;
    ~all_signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

} // namespace

supervisor::supervisor(command what) : command_{std::move(what)}, stop_{::eventfd(0, EFD_CLOEXEC)} {
    if (!stop_) throw std::runtime_error{"cannot make an eventfd"};
    const all_signals_blocked while_it_starts; // the thread inherits it
    thread_ = std::thread{[this] { run(); }};
}

supervisor::~supervisor() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
}

std::optional<std::string> supervisor::ended_within(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, limit, [this] { return ended_.has_value(); });
    return ended_;
}

void supervisor::run() {
    auto pause = 0ms;
    for (;;) {
        const auto began = std::chrono::steady_clock::now();
        if (ends_for_good(run_once())) return;
        if (std::chrono::steady_clock::now() - began > healthy_life) pause = 0ms;
        if (told_to_stop_within(pause)) return;
        pause = std::clamp(2 * pause, first_pause, longest_pause);
    }
}

// From the child's start to its end, which is ours if we are told to stop.
std::string supervisor::run_once() {
    try {
        const auto child = start_child(command_.program, command_.arguments, command_.output);
        pid_ = child.pid();
        if (!command_.pid_file.empty()) write_pid_file();
        pollfd events[] = {{child.pidfd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        while (::poll(events, 2, -1) < 0) {
        }
        if (events[0].revents == 0) child.terminate(grace);
        pid_ = 0;
        return reap(child);
    } catch (const std::runtime_error& failure) {
        return failure.what();
    }
}

void supervisor::write_pid_file() const {
    std::ofstream out{command_.pid_file, std::ios::trunc};
    out << pid_ << "\n";
}

bool supervisor::told_to_stop_within(std::chrono::milliseconds limit) const {
    pollfd told{stop_.get(), POLLIN, 0};
    return ::poll(&told, 1, static_cast<int>(limit.count())) > 0;
}

bool supervisor::keep_running() {
    const std::lock_guard lock{mutex_};
    keep_running_ = true;
    return !ended_;
}

bool supervisor::ends_for_good(std::string how) {
    const std::lock_guard lock{mutex_};
    if (keep_running_) return false;
    ended_ = std::move(how);
    changed_.notify_all();
    return true;
}

} // namespace studium::redis
