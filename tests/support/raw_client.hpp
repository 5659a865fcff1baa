// A client of the server on a bare blocking socket: HTTP, WebSocket frames exactly as a test wants them (also
// wrong ones), every wait with a limit. Failures throw, which fails the test that did not expect them.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace studium::test {

struct raw_options {
    std::chrono::milliseconds limit{20'000}; // for each call
    int receive_buffer = 0;                  // SO_RCVBUF, for a slow reader; 0: the system's
};

struct raw_frame {
    bool fin = true;
    int opcode = 0; // 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong
    std::string payload;
    /// Of a close frame; 1005 where it carries none (RFC 6455, section 7.1.5).
    int close_code() const {
        if (opcode != 8 || payload.size() < 2) return 1005;
        return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    }
};

struct raw_response {
    int status = 0;
    std::string head, body;
    /// The value of a field, named as the server spells it; empty where it is absent.
    std::string field(const std::string& name) const {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

class raw_client {
public:
    explicit raw_client(std::uint16_t port, raw_options options = {}) : limit_{options.limit} {
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor_ < 0) fail("socket");
        if (options.receive_buffer != 0)
            ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                         sizeof options.receive_buffer);
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect");
    }
    raw_client(raw_client&& other) noexcept
        : descriptor_{std::exchange(other.descriptor_, -1)}, limit_{other.limit_}, in_{std::move(other.in_)} {
    }
    raw_client& operator=(raw_client&&) = delete;
    ~raw_client() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    /// A WebSocket to `target`; throws where the server does not answer 101. `more` are whole field lines.
    static raw_client websocket(std::uint16_t port, std::string_view target, std::string_view more = {},
                                raw_options options = {}) {
        raw_client client{port, options};
        client.send_raw(upgrade_request(target, more));
        const auto answer = client.read_response();
        if (answer.status != 101) throw std::runtime_error{"no upgrade: " + answer.head + answer.body};
        return client;
    }
    static std::string upgrade_request(std::string_view target, std::string_view more = {}) {
        return "GET " + std::string{target} +
               " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
               std::string{more} + "\r\n";
    }

    int descriptor() const noexcept { return descriptor_; }

    void send_raw(std::string_view bytes) {
        while (!bytes.empty()) {
            wait_for(POLLOUT);
            const auto n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (n < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    /// As much as the kernel takes now; whether the connection still stands.
    bool send_some(std::string_view bytes) {
        const auto n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return n >= 0 || errno == EAGAIN;
    }

    /// One frame, masked as a client must.
    static std::string frame(int opcode, std::string_view payload, bool fin = true) {
        std::string out = header(opcode, payload.size(), fin, true);
        constexpr std::string_view mask = "\x12\x34\x56\x78";
        out += mask;
        const auto from = out.size();
        out += payload;
        for (std::size_t i = 0; i < payload.size(); ++i)
            out[from + i] = static_cast<char>(out[from + i] ^ mask[i % 4]);
        return out;
    }
    static std::string header(int opcode, std::uint64_t size, bool fin, bool masked) {
        std::string out;
        out.push_back(static_cast<char>((fin ? 0x80 : 0) | opcode));
        const int length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
        const auto first = length_bytes == 0 ? static_cast<int>(size) : length_bytes == 2 ? 126 : 127;
        out.push_back(static_cast<char>((masked ? 0x80 : 0) | first));
        for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8)
            out.push_back(static_cast<char>((size >> shift) & 0xff));
        return out;
    }
    void send_text(std::string_view text) { send_raw(frame(1, text)); }
    void send_binary(std::string_view bytes) { send_raw(frame(2, bytes)); }
    void send_close(int code) {
        const char payload[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
        send_raw(frame(8, {payload, 2}));
    }

    /// The next frame, of whatever kind. Throws at the end of the connection.
    raw_frame read_frame() {
        need(2);
        raw_frame out;
        out.fin = (byte(0) & 0x80) != 0;
        out.opcode = static_cast<int>(byte(0) & 0x0f);
        if ((byte(0) & 0x70) != 0 || (byte(1) & 0x80) != 0)
            throw std::runtime_error{"a malformed server frame"};
        std::uint64_t size = byte(1) & 0x7f;
        const std::size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
        need(2 + length_bytes);
        if (length_bytes != 0) size = 0;
        for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(2 + i);
        const auto header_size = 2 + length_bytes;
        need(header_size + size);
        out.payload = in_.substr(header_size, size);
        in_.erase(0, header_size + size);
        return out;
    }
    /// The next text or binary frame; answers pings on the way.
    raw_frame read_message() {
        for (;;) {
            auto next = read_frame();
            if (next.opcode == 9)
                send_raw(frame(10, next.payload));
            else if (next.opcode != 10)
                return next;
        }
    }
    /// The code of the close frame; skips what comes before it.
    int read_close() {
        for (;;)
            if (const auto next = read_frame(); next.opcode == 8) return next.close_code();
    }

    raw_response read_response(bool to_head = false) {
        while (in_.find("\r\n\r\n") == std::string::npos) need(in_.size() + 1);
        raw_response out;
        const auto end = in_.find("\r\n\r\n") + 4;
        out.head = in_.substr(0, end);
        in_.erase(0, end);
        out.status = std::stoi(out.head.substr(9, 3));
        const auto length = out.field("Content-Length");
        if (to_head || length.empty()) return out;
        const auto size = static_cast<std::size_t>(std::stoul(length));
        need(size);
        out.body = in_.substr(0, size);
        in_.erase(0, size);
        return out;
    }
    raw_response request(std::string_view text) {
        send_raw(text);
        return read_response();
    }
    raw_response get(std::string_view target, std::string_view more = {}) {
        return request("GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{more} +
                       "\r\n");
    }

    /// Reads up to the end of the connection: true for an orderly end, false for a reset.
    bool read_to_end() {
        for (;;) {
            wait_for(POLLIN);
            char chunk[16384];
            const auto n = ::recv(descriptor_, chunk, sizeof chunk, 0);
            if (n == 0) return true;
            if (n < 0 && errno != EINTR) return false;
            if (n > 0) in_.append(chunk, static_cast<std::size_t>(n));
        }
    }
    /// Everything read and not yet used.
    const std::string& pending() const noexcept { return in_; }
    /// Whether bytes (or the end) can be read within `limit`.
    bool readable_within(std::chrono::milliseconds limit) {
        pollfd p{descriptor_, POLLIN, 0};
        return !in_.empty() || ::poll(&p, 1, static_cast<int>(limit.count())) > 0;
    }

    void half_close() { ::shutdown(descriptor_, SHUT_WR); }
    /// Ends with a reset instead of an orderly close.
    void reset() {
        const linger hard{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ::close(std::exchange(descriptor_, -1));
    }

private:
    [[noreturn]] static void fail(const char* what) {
        throw std::system_error{errno, std::generic_category(), what};
    }
    unsigned byte(std::size_t i) const { return static_cast<unsigned char>(in_[i]); }

    void wait_for(short events) {
        pollfd p{descriptor_, events, 0};
        const int ready = ::poll(&p, 1, static_cast<int>(limit_.count()));
        if (ready == 0) throw std::runtime_error{"the server did not answer within the test's limit"};
        if (ready < 0 && errno != EINTR) fail("poll");
    }
    void need(std::size_t bytes) {
        while (in_.size() < bytes) {
            wait_for(POLLIN);
            char chunk[65536];
            const auto n = ::recv(descriptor_, chunk, sizeof chunk, 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) fail("recv");
            if (n == 0) throw std::runtime_error{"the server ended the connection"};
            in_.append(chunk, static_cast<std::size_t>(n));
        }
    }

    int descriptor_ = -1;
    std::chrono::milliseconds limit_;
    std::string in_;
};

} // namespace studium::test
