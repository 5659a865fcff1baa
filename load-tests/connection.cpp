#include "load-tests/connection.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace studium::load {
namespace {

constexpr std::uint8_t final_bit = 0x80, close_opcode = 0x8, ping_opcode = 0x9, pong_opcode = 0xa;
constexpr std::size_t read_size = 256 * 1024;

std::string reason_of(int error) { return std::error_code{error, std::system_category()}.message(); }

// Size of the header and of the payload, once the header is whole.
bool read_header(std::string_view in, std::size_t& header, std::uint64_t& payload) {
    if (in.size() < 2) return false;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(in[i]); };
    const std::uint8_t length = byte(1) & 0x7f;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    header = 2 + more;
    if (in.size() < header) return false;
    payload = more == 0 ? length : 0;
    for (std::size_t i = 0; i < more; ++i) payload = payload << 8 | byte(2 + i);
    return true;
}

} // namespace

connection::connection(int epoll, std::uint64_t number, traffic& counted)
    : epoll_{epoll}, number_{number}, traffic_{counted},
      mask_{static_cast<std::uint32_t>(number * 2654435761u + 1)} {}

connection::~connection() { close(); }

void connection::connect(const sockaddr_in& from, const sockaddr_in& to, std::string_view request_target) {
    std::array<char, INET_ADDRSTRLEN> host{};
    ::inet_ntop(AF_INET, &to.sin_addr, host.data(), host.size());
    request_ = "GET " + std::string{request_target} + " HTTP/1.1\r\nHost: " + host.data() + ":" +
               std::to_string(ntohs(to.sin_port)) +
               "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: c3R1ZGl1bS1sb2FkLTAwMQ==\r\n\r\n";
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return fail("socket: " + reason_of(errno));
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // The port is chosen at connect, so that many connections can share a source address.
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr storage{};
    std::memcpy(&storage, &from, sizeof from);
    if (::bind(fd_, &storage, sizeof from) != 0) return fail("bind: " + reason_of(errno));
    std::memcpy(&storage, &to, sizeof to);
    const bool at_once = ::connect(fd_, &storage, sizeof to) == 0;
    if (!at_once && errno != EINPROGRESS) return fail("connect: " + reason_of(errno));
    state_ = state::connecting;
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT;
    wanted.data.u64 = number_;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &wanted);
    watching_writes_ = true;
}

void connection::on_events(std::uint32_t events, const receiver& receive) {
    if (state_ == state::connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) begin_upgrade();
    if (state_ == state::closed) return;
    if ((events & EPOLLOUT) != 0) flush();
    if (state_ != state::closed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some(receive);
}

void connection::begin_upgrade() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail("connect: " + reason_of(error));
    state_ = state::upgrading;
    out_ = std::exchange(request_, {});
    flush();
}

void connection::read_some(const receiver& receive) {
    static thread_local std::array<char, read_size> buffer;
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR) fail("recv: " + reason_of(errno));
        return;
    }
    if (n == 0) return fail("the server closed the connection");
    ++traffic_.reads;
    traffic_.bytes_in += static_cast<std::uint64_t>(n);
    in_.append(buffer.data(), static_cast<std::size_t>(n));
    if (state_ == state::upgrading && !take_upgrade_answer()) return;
    if (state_ == state::open) take_frames(receive);
    if (state_ == state::open && !out_.empty()) flush();
}

bool connection::take_upgrade_answer() {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto line = in_.substr(0, in_.find("\r\n"));
    if (!line.starts_with("HTTP/1.1 101")) {
        fail("upgrade refused: " + line);
        return false;
    }
    in_.erase(0, end + 4);
    state_ = state::open;
    return true;
}

void connection::take_frames(const receiver& receive) {
    std::size_t taken = 0, header = 0;
    std::uint64_t payload = 0;
    const std::string_view in{in_};
    while (state_ == state::open && read_header(in.substr(taken), header, payload) &&
           in.size() - taken - header >= payload) {
        const auto first = static_cast<std::uint8_t>(in[taken]);
        take_frame(first, in.substr(taken + header, payload), receive);
        taken += header + payload;
    }
    in_.erase(0, taken);
}

void connection::take_frame(std::uint8_t first, std::string_view payload, const receiver& receive) {
    ++traffic_.frames_in;
    const std::uint8_t opcode = first & 0x0f;
    if (opcode == ping_opcode) return put_frame(final_bit | pong_opcode, payload);
    if (opcode == pong_opcode) return;
    if (opcode == close_opcode) {
        const unsigned code = payload.size() < 2 ? 1005u
                                                 : static_cast<std::uint8_t>(payload[0]) * 256u +
                                                       static_cast<std::uint8_t>(payload[1]);
        return fail("closed by the server: " + std::to_string(code) + " " +
                    std::string{payload.size() < 2 ? std::string_view{} : payload.substr(2)});
    }
    if (opcode != 0) message_kind_ = static_cast<websocket::opcode>(opcode);
    if ((first & final_bit) != 0 && message_.empty()) return receive(message_kind_, payload);
    message_.append(payload);
    if ((first & final_bit) != 0) receive(message_kind_, std::exchange(message_, {}));
}

void connection::send(std::string_view payload) {
    if (state_ == state::open)
        put_frame(final_bit | static_cast<std::uint8_t>(websocket::opcode::binary), payload);
}

void connection::put_frame(std::uint8_t first, std::string_view payload) {
    constexpr std::uint8_t masked = 0x80;
    out_.push_back(static_cast<char>(first));
    const std::size_t length_bytes = payload.size() < 126 ? 0 : payload.size() <= 0xffff ? 2 : 8;
    const std::size_t length = length_bytes == 0 ? payload.size() : length_bytes == 2 ? 126 : 127;
    out_.push_back(static_cast<char>(masked | length));
    for (std::size_t i = length_bytes; i-- > 0;)
        out_.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xff));
    mask_ = mask_ * 1664525u + 1013904223u;
    std::array<char, 4> key{};
    std::memcpy(key.data(), &mask_, key.size());
    out_.append(key.data(), key.size());
    for (std::size_t i = 0; i < payload.size(); ++i)
        out_.push_back(static_cast<char>(payload[i] ^ key[i % 4]));
    ++traffic_.frames_out;
}

void connection::flush() {
    while (!out_.empty() && (state_ == state::open || state_ == state::upgrading)) {
        const ssize_t n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) return fail("send: " + reason_of(errno));
        ++traffic_.writes;
        traffic_.bytes_out += static_cast<std::uint64_t>(n);
        out_.erase(0, static_cast<std::size_t>(n));
    }
    watch(!out_.empty());
}

void connection::watch(bool for_writing) {
    if (for_writing == watching_writes_ || fd_ < 0) return;
    watching_writes_ = for_writing;
    epoll_event wanted{};
    wanted.events = for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
    wanted.data.u64 = number_;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &wanted);
}

void connection::fail(std::string why) {
    if (failure_.empty()) failure_ = std::move(why);
    close();
}

void connection::close() {
    state_ = state::closed;
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

} // namespace studium::load
