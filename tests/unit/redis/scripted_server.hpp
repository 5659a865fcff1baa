// A server that misbehaves as told, where a real Redis cannot be made to.
#pragma once

#include "tests/support/redis_fixture.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace studium::redis {

/// One accepted connection; each call blocks.
class scripted_connection {
public:
    explicit scripted_connection(int fd) : fd_{fd} {}
    /// Reads until `what` was received; false at the end of the connection.
    bool read_until(std::string_view what) {
        for (char c = 0; received_.find(what) == std::string::npos; received_ += c)
            if (::read(fd_, &c, 1) != 1) return false;
        received_.erase(0, received_.find(what) + what.size());
        return true;
    }
    void write(std::string_view bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    /// Plays the part of Redis up to where the link is up.
    bool greet() {
        if (!read_until("PING\r\n")) return false;
        write("$10\r\nrun_id:abc\r\n+PONG\r\n");
        return true;
    }
    void wait_for_end() { read_until("never sent"); }

private:
    int fd_;
    std::string received_;
};

/// Accepts one connection after the other and runs `play(connection, index)` for each.
class scripted_server {
public:
    explicit scripted_server(std::function<void(scripted_connection&, int)> play) {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        const auto path = address().unix_socket;
        path.copy(where.sun_path, path.size());
        const bool listening =
            ::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
            ::listen(listener_, 16) == 0;
        if (!listening) throw std::runtime_error{"cannot listen"};
        thread_ = std::thread{[this, play = std::move(play)] {
            for (int index = 0;; ++index) {
                const int fd = ::accept(listener_, nullptr, nullptr);
                if (fd < 0) return;
                scripted_connection connection{fd};
                play(connection, index);
                ::close(fd);
            }
        }};
    }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    /// After the links to it are gone.
    ~scripted_server() {
        ::shutdown(listener_, SHUT_RDWR); // ends accept()
        thread_.join();
        ::close(listener_);
    }
    endpoint address() const {
        endpoint out;
        out.unix_socket = directory_.path() / "socket";
        return out;
    }

private:
    support::temporary_directory directory_;
    int listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::thread thread_;
};

} // namespace studium::redis
