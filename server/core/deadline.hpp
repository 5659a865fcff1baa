// Every wait has a deadline. (Boost 1.81 has no cancel_after.)
#pragma once

#include "server/core/worker.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace studium {

/// The operation's result, or errc::timed_out after `limit`; the loser is cancelled and cleaned up.
/// `operation` must report failure by its result: one that throws would wait for the timer and be lost.
template <class T>
task<result<T>> with_deadline(task<result<T>> operation, std::chrono::steady_clock::duration limit) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor, limit};
    auto winner = co_await (std::move(operation) || timer.async_wait(asio::use_awaitable));
    if (winner.index() == 1) co_return errc::timed_out;
    co_return std::get<0>(std::move(winner));
}

} // namespace studium
