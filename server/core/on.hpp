// Work that belongs to another worker: run there, its result brought back here.
#pragma once

#include "server/core/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace studium {

/// `work` must own what it uses: it starts on `home`, and this coroutine goes on, on its own worker, after
/// it.
template <class T> task<T> on(worker& home, task<T> work) {
    co_return co_await asio::co_spawn(home.executor(), std::move(work), asio::use_awaitable);
}

} // namespace studium
