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

/// Quick to notice and to return, so that tests of failures are.
inline constexpr link_options quick{
    .connect_timeout = 1s, .command_timeout = 400ms, .min_backoff = 5ms, .max_backoff = 50ms};
/// For tests in which nothing is meant to fail, however slow the machine.
inline constexpr link_options calm{.connect_timeout = 30s, .command_timeout = 60s};

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

inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace studium::redis
