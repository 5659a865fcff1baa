#include "server/core/worker.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace studium {

namespace {
constexpr int max_handlers_in_a_turn = 1024;
thread_local worker* running_here = nullptr;
} // namespace

worker* worker::current() noexcept { return running_here; }

void worker::run() {
    running_here = this;
    const auto keep_alive = asio::make_work_guard(io_);
    while (!stopping_.load(std::memory_order_relaxed)) {
        io_.run_one();
        for (int handled = 1; handled < max_handlers_in_a_turn && io_.poll_one() != 0; ++handled) {}
        finish_turn();
    }
}

void worker::stop() {
    stopping_.store(true, std::memory_order_relaxed);
    asio::post(io_, [] {}); // wakes run_one()
}

void worker::finish_turn() {
    // What runs here may ask for another round (a flush that makes room for more); a few, then the loop again.
    for (int round = 0; round < 4 && !end_of_turn_.empty(); ++round) {
        auto ready = std::exchange(end_of_turn_, {});
        for (auto& work : ready) work();
    }
    if (!end_of_turn_.empty()) asio::post(io_, [] {});
}

} // namespace studium
