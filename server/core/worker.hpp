// A worker is one thread with one io_context. A room, and every connection that was moved to it,
// belongs to one worker: all of a room's work is single-threaded and needs no lock.
#pragma once

#include "protocol/base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <vector>

namespace studium {

namespace asio = boost::asio;
template <class T> using task = asio::awaitable<T>;

class worker {
public:
    explicit worker(unsigned index) : index_{index} {}
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    unsigned index() const noexcept { return index_; }
    /// The worker whose run() is on this thread; null on others.
    static worker* current() noexcept;
    asio::io_context& io() noexcept { return io_; }
    asio::io_context::executor_type executor() noexcept { return io_.get_executor(); }

    /// Runs `work` once, after the handlers that are ready now: what many of them produced (frames for one
    /// socket, commands for Redis) leaves in one system call. Call only from this worker's thread.
    void at_end_of_turn(std::function<void()> work) { end_of_turn_.push_back(std::move(work)); }

    /// Runs `work` once, within 25 ms, together with what others left here meanwhile: one timer and one
    /// wake-up for all that can wait. Call only from this worker's thread.
    void soon(std::function<void()> work);

    /// Handles events until stop(). A turn is bounded in handlers, so that what it gathered never waits long.
    void run();
    /// From any thread.
    void stop();

private:
    void finish_turn();

    unsigned index_;
    asio::io_context io_{1};
    std::vector<std::function<void()>> end_of_turn_, soon_;
    asio::steady_timer soon_timer_{io_};
    std::atomic<bool> stopping_{false};
};

} // namespace studium
