#include "server/redis/connection.hpp"

#include "server/redis/info.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <sys/un.h>
#include <utility>

namespace studium::redis {

namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t feed_size =
    16 * 1024; // hiredis moves what is left after each KiB read: keep that small
constexpr std::size_t kept_capacity = 1024 * 1024;

} // namespace

struct connection::wire {
    explicit wire(executor ex) : socket{ex} {}
    asio::basic_stream_socket<protocol, executor> socket;
    reply_reader replies;
    std::string outgoing, sending; // gathering; being written
    bool writing = false;
    std::vector<reply> sign_in_answers;
    std::array<char, read_size> incoming;
};

connection::connection(worker& w, endpoint where, link_options options, std::weak_ptr<connection_user> user)
    : worker_{w}, endpoint_{std::move(where)}, options_{options}, user_{std::move(user)},
      resolver_{w.executor()}, timer_{w.executor()}, random_{std::random_device{}()} {}

void connection::start() {
    asio::post(worker_.executor(), [self = shared_from_this()] {
        if (self->state_ == state::idle) self->attempt();
    });
}

void connection::stop() {
    state_ = state::stopped;
    disarm();
    resolver_.cancel();
    if (wire_) {
        error_code ignored;
        wire_->socket.close(ignored);
        wire_.reset();
    }
}

void connection::cut(std::string_view reason) { lose(reason); }

bool connection::has_unread() const {
    error_code failure;
    return wire_ && wire_->socket.available(failure) != 0 && !failure;
}

void connection::attempt() {
    state_ = state::connecting;
    wire_ = std::make_shared<wire>(worker_.executor());
    arm(options_.connect_timeout, &connection::on_connect_timeout);
    if (!endpoint_.unix_socket.empty()) {
        if (endpoint_.unix_socket.size() >= sizeof(sockaddr_un::sun_path))
            return lose("socket path too long");
        return connect(asio::local::stream_protocol::endpoint{endpoint_.unix_socket});
    }
    error_code failure;
    const auto address = asio::ip::make_address(endpoint_.host, failure);
    if (failure) return resolve();
    connect(asio::ip::tcp::endpoint{address, endpoint_.port});
}

void connection::resolve() {
    const auto found = [self = shared_from_this(), mine = wire_](error_code failure,
                                                                 const resolver::results_type& addresses) {
        if (self->wire_ != mine) return;
        if (failure || addresses.empty()) return self->lose("host name not found");
        // Another of its addresses at each attempt: one of them may not answer.
        const auto chosen =
            std::next(addresses.begin(), self->attempts_ % static_cast<unsigned>(addresses.size()));
        self->connect(chosen->endpoint());
    };
    resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port), found);
}

void connection::connect(const protocol::endpoint& where) {
    wire_->socket.async_connect(where, [self = shared_from_this(), mine = wire_](error_code failure) {
        if (self->wire_ != mine) return;
        if (failure) return self->lose(failure.message());
        error_code ignored; // a Unix socket has neither
        mine->socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
        mine->socket.set_option(asio::socket_base::keep_alive{true}, ignored);
        mine->socket.non_blocking(true, ignored);
        self->sign_in();
    });
}

// PING beside INFO because INFO answers while Redis is still loading its data, and PING does not.
void connection::sign_in() {
    auto& out = outgoing();
    if (!endpoint_.password.empty()) {
        std::vector<std::string_view> auth{"AUTH", endpoint_.user, endpoint_.password};
        if (endpoint_.user.empty()) auth.erase(auth.begin() + 1);
        append_command(out, auth);
    }
    append_command(out, std::array<std::string_view, 2>{"INFO", "server"});
    append_command(out, std::array<std::string_view, 1>{"PING"});
    read();
}

void connection::read() {
    wire_->socket.async_read_some(asio::buffer(wire_->incoming), [self = shared_from_this(), mine = wire_](
                                                                     error_code failure, std::size_t count) {
        if (self->wire_ != mine) return;
        if (failure) return self->lose(failure.message());
        self->on_bytes(count);
        if (self->wire_ == mine) self->read();
    });
}

void connection::on_bytes(std::size_t count) {
    const auto mine = wire_;
    std::vector<reply> answers;
    for (std::size_t at = 0; at < count; at += feed_size) {
        mine->replies.feed({mine->incoming.data() + at, std::min(feed_size, count - at)});
        while (auto answer = mine->replies.next()) answers.push_back(std::move(*answer));
    }
    // Malformed bytes end the connection, yet what came before them counts.
    if (state_ == state::connecting) {
        on_sign_in_answers(std::move(answers));
    } else if (!answers.empty()) {
        if (const auto user = user_.lock()) user->on_replies(std::move(answers));
    }
    if (wire_ == mine && !mine->replies.error().empty()) lose(mine->replies.error());
}

void connection::on_sign_in_answers(std::vector<reply> answers) {
    auto& all = wire_->sign_in_answers;
    for (auto& answer : answers) {
        if (answer.is_error()) return lose(answer.text);
        all.push_back(std::move(answer));
    }
    const std::size_t expected = endpoint_.password.empty() ? 2 : 3;
    if (all.size() < expected) return;
    run_id_ = info_field(all[expected - 2].text, "run_id");
    if (all.size() > expected || run_id_.empty()) return lose("not a Redis that we understand");
    all.clear();
    disarm();
    state_ = state::up;
    up_since_ = clock::now();
    last_error_.clear();
    if (const auto user = user_.lock()) user->on_up();
}

std::string& connection::outgoing() {
    if (!flush_wanted_) {
        flush_wanted_ = true;
        worker_.at_end_of_turn([self = weak_from_this()] {
            if (const auto alive = self.lock()) alive->flush();
        });
    }
    return wire_->outgoing;
}

void connection::flush() {
    flush_wanted_ = false;
    if (!wire_ || wire_->writing || wire_->outgoing.empty()) return;
    auto& out = wire_->outgoing;
    error_code failure;
    const auto written = wire_->socket.write_some(asio::buffer(out), failure);
    if (failure && failure != asio::error::would_block && failure != asio::error::try_again)
        return lose(failure.message());
    if (written < out.size()) {
        out.erase(0, written);
        return write_rest();
    }
    out.clear();
    if (out.capacity() > kept_capacity) out.shrink_to_fit();
}

// The socket's buffer is full: what is left leaves as Redis reads, and what gathers meanwhile follows it.
void connection::write_rest() {
    wire_->writing = true;
    wire_->sending = std::exchange(wire_->outgoing, {});
    asio::async_write(wire_->socket, asio::buffer(wire_->sending),
                      [self = shared_from_this(), mine = wire_](error_code failure, std::size_t) {
                          if (self->wire_ != mine) return;
                          if (failure) return self->lose(failure.message());
                          mine->writing = false;
                          mine->sending.clear();
                          self->flush();
                      });
}

void connection::lose(std::string_view reason) {
    if (state_ != state::connecting && state_ != state::up) return;
    const bool was_up = state_ == state::up;
    last_error_ = reason;
    run_id_.clear();
    error_code ignored;
    wire_->socket.close(ignored);
    wire_.reset();
    // A connection that breaks as soon as it stands must not be made at full speed for ever.
    if (was_up && clock::now() - up_since_ > options_.max_backoff) attempts_ = 0;
    state_ = state::pausing;
    arm(next_pause(), &connection::attempt);
    if (!was_up) return;
    if (const auto user = user_.lock()) user->on_down();
}

// A random time whose upper bound doubles with each attempt, so that many nodes do not return all at once.
std::chrono::milliseconds connection::next_pause() {
    const auto shortest = options_.min_backoff.count();
    const auto longest = std::max(options_.max_backoff.count(), shortest);
    const auto doubled = shortest << std::min(++attempts_, 16U);
    std::uniform_int_distribution pause{shortest, std::clamp(doubled, shortest, longest)};
    return std::chrono::milliseconds{pause(random_)};
}

void connection::arm(clock::duration delay, void (connection::*what)()) {
    timer_.expires_after(delay);
    timer_.async_wait([self = shared_from_this(), what, ticket = ++timer_ticket_](error_code) {
        if (ticket == self->timer_ticket_) (self.get()->*what)();
    });
}

void connection::disarm() {
    ++timer_ticket_;
    timer_.cancel();
}

void connection::on_connect_timeout() { lose("no answer within the connect timeout"); }

} // namespace studium::redis
