// A server on two running workers, with the routes that the tests of this folder speak to.
#pragma once

#include "server/edge/server.hpp"
#include "tests/support/raw_client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace studium::test {

/// Sends every message back as it came.
class echo : public socket_handler {
public:
    explicit echo(studium::socket& s) : socket_{s} {}
    void on_message(websocket::opcode kind, std::string_view payload) override {
        socket_.send(websocket::make_frame(kind, payload));
    }
    void on_close() noexcept override {}

private:
    studium::socket& socket_;
};

/// Two workers with a thread each, from construction to destruction.
class running_workers {
public:
    running_workers() {
        for (auto* w : all()) threads_.emplace_back([w] { w->run(); });
    }
    ~running_workers() {
        for (auto* w : all()) w->stop();
        for (auto& t : threads_) t.join();
    }
    std::vector<worker*> all() { return {&first, &second}; }

    worker first{0}, second{1};

private:
    std::vector<std::thread> threads_;
};

/// Waits for `condition`, which another thread makes true, for 20 s at most.
inline bool eventually(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::yield();
    }
    return true;
}

class edge_test : public testing::Test {
protected:
    using open_function = std::function<std::unique_ptr<socket_handler>(studium::socket&)>;

    static edge::route socket_route(std::string path, worker& home, open_function open,
                                    std::size_t max_message_bytes = 2 * 1024 * 1024) {
        edge::route r;
        r.path = std::move(path);
        r.gate = [&home, open = std::move(open), max_message_bytes](
                     const edge::http_request&) -> task<std::variant<edge::admitted, edge::http_response>> {
            edge::admitted in{&home, max_message_bytes, open};
            co_return in;
        };
        return r;
    }
    edge::route echo_route() {
        return socket_route("/echo", workers_.second,
                            [](studium::socket& s) { return std::make_unique<echo>(s); });
    }
    static edge::route get_route(std::string path,
                                 std::function<edge::http_response(const edge::http_request&)> f) {
        edge::route r;
        r.method = "GET";
        r.path = std::move(path);
        r.handle = [f = std::move(f)](const edge::http_request& request) -> task<edge::http_response> {
            co_return f(request);
        };
        return r;
    }

    void serve(std::vector<edge::route> routes) {
        options_.port = 0;
        server_ = std::make_unique<edge::server>(options_, workers_.all(), std::move(routes));
        server_->start();
    }
    std::uint16_t port() const { return server_->port(); }
    raw_client websocket(std::string_view target, std::string_view more = {}, raw_options options = {}) {
        return raw_client::websocket(port(), target, more, options);
    }

    running_workers workers_;
    edge::options options_;
    std::unique_ptr<edge::server> server_;
};

} // namespace studium::test
