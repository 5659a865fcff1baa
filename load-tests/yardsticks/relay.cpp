// The least that a relay of y-websocket messages can cost in C++: one epoll, one thread, every message passed
// on to the others of the room, all frames for one socket in a turn in one write. It stores nothing, checks
// nothing and knows nothing; only studium-load can talk to it. Prints the address it listens on.
#include "protocol/websocket/frame.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace {

using studium::websocket::frame;
using studium::websocket::opcode;

constexpr std::string_view step_1{"\0\0", 2}, ask_for_state{"\0\0\1\0", 4}, nothing{"\0\1\2\0\0", 5};

// The answer to the one key that studium-load sends (RFC 6455, section 4.2.2).
constexpr std::string_view upgrade_answer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Accept: hP8nZxUCUwZLo13PhTriXMrLrOU=\r\n\r\n";

struct client;
using room = std::vector<client*>;

struct client {
    explicit client(int socket) : fd{socket} {}
    int fd;
    room* in_room = nullptr; // none before the upgrade
    std::string in, out;
    bool dirty = false;
};

class relay {
public:
    explicit relay(int listener) : listener_{listener}, epoll_{::epoll_create1(0)} {
        watch(listener_, nullptr);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events{};
        for (;;) {
            const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < n; ++i) {
                auto* const who = static_cast<client*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (who == nullptr)
                    accept_one();
                else if (!read_some(*who))
                    leave(*who);
            }
            for (client* each : dirty_) flush(*each);
            dirty_.clear();
            gone_.clear();
        }
    }

private:
    void watch(int fd, client* who) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = who;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted);
    }

    void accept_one() {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto& who = clients_[fd];
        who = std::make_unique<client>(fd);
        watch(fd, who.get());
    }

    bool read_some(client& who) {
        static std::array<char, 65536> buffer;
        const ssize_t n = ::recv(who.fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return n < 0 && errno == EAGAIN;
        who.in.append(buffer.data(), static_cast<std::size_t>(n));
        if (who.in_room == nullptr && !upgrade(who)) return true;
        return take_frames(who);
    }

    bool upgrade(client& who) {
        const auto end = who.in.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        who.in_room = &rooms_[who.in.substr(0, who.in.find("\r\n"))];
        who.in_room->push_back(&who);
        who.in.erase(0, end + 4);
        queue(who, upgrade_answer);
        queue(who, frame{opcode::binary, ask_for_state}.wire());
        return true;
    }

    // Frames of a client: masked, shorter than 64 KiB.
    bool take_frames(client& who) {
        std::size_t taken = 0;
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(who.in[taken + i]); };
        while (who.in.size() - taken >= 6) {
            std::size_t length = byte(1) & 0x7f, header = 2;
            if (length == 127 || (byte(0) & 0x0f) != 2) return false;
            if (length == 126) {
                length = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
                header = 4;
            }
            if (who.in.size() - taken < header + 4 + length) break;
            const char* const mask = who.in.data() + taken + header;
            char* const payload = who.in.data() + taken + header + 4;
            for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
            pass_on(who, {payload, length});
            taken += header + 4 + length;
        }
        who.in.erase(0, taken);
        return true;
    }

    void pass_on(client& from, std::string_view payload) {
        if (payload.starts_with(step_1)) return queue(from, frame{opcode::binary, nothing}.wire());
        const frame message{opcode::binary, payload};
        for (client* each : *from.in_room)
            if (each != &from) queue(*each, message.wire());
    }

    void queue(client& to, std::string_view bytes) {
        to.out.append(bytes);
        if (!to.dirty) dirty_.push_back(&to);
        to.dirty = true;
    }

    // What the kernel does not take at once waits for the next turn in which something is added.
    static void flush(client& to) {
        to.dirty = false;
        const ssize_t n = ::send(to.fd, to.out.data(), to.out.size(), MSG_NOSIGNAL);
        if (n > 0) to.out.erase(0, static_cast<std::size_t>(n));
    }

    void leave(client& who) {
        if (who.in_room != nullptr) std::erase(*who.in_room, &who);
        ::close(who.fd);
        who.out.clear();
        const auto at = clients_.find(who.fd);
        gone_.push_back(std::move(at->second)); // may still stand in dirty_
        clients_.erase(at);
    }

    int listener_, epoll_;
    std::unordered_map<int, std::unique_ptr<client>> clients_;
    std::unordered_map<std::string, room> rooms_;
    std::vector<client*> dirty_;
    std::vector<std::unique_ptr<client>> gone_;
};

int listen_on_any_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr storage{};
    socklen_t size = sizeof storage;
    std::memcpy(&storage, &address, sizeof address);
    if (::bind(fd, &storage, size) != 0 || ::listen(fd, 1024) != 0) return -1;
    ::getsockname(fd, &storage, &size);
    std::memcpy(&address, &storage, sizeof address);
    std::cout << "ready at ws://127.0.0.1:" << ntohs(address.sin_port) << std::endl;
    return fd;
}

} // namespace

int main() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int listener = listen_on_any_port();
    if (listener < 0) {
        std::cerr << "cannot listen: " << std::strerror(errno) << '\n';
        return 1;
    }
    relay{listener}.run();
}
