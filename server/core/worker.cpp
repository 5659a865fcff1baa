#include "server/core/worker.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace studium {

namespace {
constexpr int max_handlers_in_a_turn = 1024;
constexpr auto soon_pause = std::chrono::milliseconds{25};
thread_local worker* running_here = nullptr;
} // namespace

worker* worker::current() noexcept { return running_here; }

void worker::run() {
    running_here = this;
    const auto keep_alive = asio::make_work_guard(io_);
    while (!stopping_.load(std::memory_order_relaxed)) {
        io_.run_one();
        for (int handled = 1; handled < max_handlers_in_a_turn && io_.poll_one() != 0; ++handled) {
        }
        finish_turn();
    }
}

void worker::soon(std::function<void()> work) {
    soon_.push_back(std::move(work));
    if (soon_.size() > 1) return; // the timer runs
    soon_timer_.expires_after(soon_pause);
    soon_timer_.async_wait([this](error_code ec) {
        if (ec) return;
        const auto ready = std::exchange(soon_, {});
        for (const auto& each : ready) each();
    });
}

void worker::stop() {
    stopping_.store(true, std::memory_order_relaxed);
    asio::post(io_, [] {}); // wakes run_one()
}

void worker::finish_turn() {
    // What runs here may ask for another round (a flush that makes room for more); a few, then the loop
    // again.
    for (int round = 0; round < 4 && !end_of_turn_.empty(); ++round) {
        auto ready = std::exchange(end_of_turn_, {});
        for (auto& work : ready) work();
    }
    if (!end_of_turn_.empty()) asio::post(io_, [] {});
}

} // namespace studium
