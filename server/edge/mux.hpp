// The layer under Beast's WebSocket stream. Beast reads through it; whatever Beast writes (the answer to
// the handshake, pongs, close frames) joins the session's own queue, so that there is one writer, and
// control frames always fall between two whole frames.
#pragma once

#include "server/edge/tcp.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace studium::edge {

/// What Beast does beneath us. from_beast() carries its output: whole frames, one at a time where they are
/// control frames.
class beast_watcher {
public:
    virtual void from_beast(std::string bytes) = 0;
    /// Beast asks for more input: what came before completed nothing yet.
    virtual void before_read() = 0;

protected:
    ~beast_watcher() = default;
};

class mux {
public:
    using executor_type = asio::io_context::executor_type;

    /// `early`: what the peer sent behind its handshake request; read before the socket's own bytes.
    mux(tcp_socket socket, std::string early, beast_watcher& watcher)
        : socket_{std::move(socket)}, early_{std::move(early)}, watcher_{watcher} {}

    executor_type get_executor() noexcept { return socket_.get_executor(); }
    tcp_socket& socket() noexcept { return socket_; }

    template <class Buffers, class Handler> void async_read_some(const Buffers& buffers, Handler&& handler) {
        watcher_.before_read();
        if (early_.empty()) return socket_.async_read_some(buffers, std::forward<Handler>(handler));
        const auto taken = asio::buffer_copy(buffers, asio::buffer(early_));
        early_.erase(0, taken);
        if (early_.empty()) early_.shrink_to_fit();
        complete(std::forward<Handler>(handler), taken);
    }

    template <class Buffers, class Handler> void async_write_some(const Buffers& buffers, Handler&& handler) {
        complete(std::forward<Handler>(handler), take(buffers));
    }

    template <class Buffers> std::size_t write_some(const Buffers& buffers) { return take(buffers); }
    template <class Buffers> std::size_t write_some(const Buffers& buffers, error_code& ec) {
        ec = {};
        return take(buffers);
    }

    // Beast asks for a whole synchronous stream where it only writes synchronously (the handshake's answer).
    template <class Buffers> std::size_t read_some(const Buffers& buffers) {
        return socket_.read_some(buffers);
    }
    template <class Buffers> std::size_t read_some(const Buffers& buffers, error_code& ec) {
        return socket_.read_some(buffers, ec);
    }

private:
    template <class Handler> void complete(Handler&& handler, std::size_t transferred) {
        asio::post(get_executor(), asio::append(std::forward<Handler>(handler), error_code{}, transferred));
    }

    template <class Buffers> std::size_t take(const Buffers& buffers) {
        std::string bytes(asio::buffer_size(buffers), '\0');
        asio::buffer_copy(asio::buffer(bytes), buffers);
        const auto size = bytes.size();
        watcher_.from_beast(std::move(bytes));
        return size;
    }

    tcp_socket socket_;
    std::string early_;
    beast_watcher& watcher_;
};

// Beast finds these by the argument. Its own teardown closes while the peer's bytes are still unread, which
// resets the connection before the peer has seen the close frame; the session lingers instead.
inline void teardown(boost::beast::role_type, mux&, error_code& ec) { ec = {}; }

template <class Handler> void async_teardown(boost::beast::role_type, mux& layer, Handler&& handler) {
    asio::post(layer.get_executor(), asio::append(std::forward<Handler>(handler), error_code{}));
}

inline void beast_close_socket(mux& layer) {
    error_code ignored;
    layer.socket().close(ignored);
}

} // namespace studium::edge
