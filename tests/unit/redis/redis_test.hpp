// What the tests of this folder share.
#pragma once

#include "tests/support/redis_fixture.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace studium::redis {

using support::eventually;
using support::on_worker;
using support::redis_server;
using support::worker_thread;
using namespace std::chrono_literals;

/// Timeouts that nothing reaches, however slow the machine; back at once after a loss.
inline constexpr link_options calm{
    .connect_timeout = 60s, .command_timeout = 60s, .min_backoff = 5ms, .max_backoff = 50ms};
/// For tests of the timeouts alone: on a busy machine anything may take longer than this.
inline constexpr link_options hasty{
    .connect_timeout = 400ms, .command_timeout = 400ms, .min_backoff = 5ms, .max_backoff = 50ms};

/// A link that is up, on a worker of its own.
class linked {
public:
    explicit linked(const redis_server& server, link_options options = calm)
        : linked{server.address(), options} {}
    explicit linked(const endpoint& where, link_options options = calm) : link_{thread_, where, options} {
        link_.with([](link& l) { l.start(); });
        EXPECT_TRUE(eventually([&] { return up(); }));
    }
    bool up() {
        return link_.with([](link& l) { return l.up(); });
    }
    result<reply> ask(std::vector<std::string> command) {
        return support::ask(thread_, *pointer_, std::move(command));
    }
    template <class Work> auto with(Work work) { return link_.with(std::move(work)); }
    void destroy() { link_.reset(); }
    worker_thread& thread() { return thread_; }

private:
    worker_thread thread_;
    on_worker<link> link_;
    link* pointer_ = link_.with([](link& l) { return &l; });
};

/// kill -9 of whatever child `running` tells of, once it has one: pid 0 would mean our own process group.
template <class Running> pid_t kill_child(const Running& running) {
    pid_t pid = 0;
    EXPECT_TRUE(eventually([&] { return (pid = running.pid()) > 0; }));
    if (pid > 0) ::kill(pid, SIGKILL);
    return pid;
}

inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace studium::redis
