// The types of a TCP connection here: concrete executors, so that no call goes through a type-erased one.
#pragma once

#include "server/core/worker.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>

namespace studium::edge {

using steady = std::chrono::steady_clock;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using timer = asio::basic_waitable_timer<steady, asio::wait_traits<steady>, asio::io_context::executor_type>;

} // namespace studium::edge
