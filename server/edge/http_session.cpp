#include "server/edge/http_session.hpp"

#include "server/edge/http_wire.hpp"
#include "server/edge/request_checks.hpp"
#include "server/edge/shard.hpp"
#include "server/edge/ws_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <exception>
#include <utility>

namespace studium::edge {

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_chunk_bytes = 4096;

struct outgoing {
    http_response response;
    std::shared_ptr<const std::string> shared_body; // instead of the response's own
    bool keep_alive = false;
};

class http_session final : public resident, public std::enable_shared_from_this<http_session> {
public:
    http_session(std::shared_ptr<edge::shard> home, tcp_socket connected, connection_table::place place)
        : shard_{std::move(home)}, socket_{std::move(connected)}, place_{std::move(place)},
          refusing_{!place_} {
        error_code ec;
        if (const auto peer = socket_.remote_endpoint(ec); !ec) remote_address_ = peer.address().to_string();
        socket_.set_option(asio::ip::tcp::no_delay{true}, ec);
        if (refusing_) ++shard_->all().refusing;
        shard_->add(*this);
    }
    http_session(const http_session&) = delete;
    http_session& operator=(const http_session&) = delete;
    ~http_session() {
        if (refusing_) --shard_->all().refusing;
        shard_->remove(*this);
    }

    void start() {
        asio::co_spawn(
            shard_->home().executor(), [self = shared_from_this()] { return self->run(); },
            asio::bind_cancellation_slot(stop_.slot(), [self = shared_from_this()](std::exception_ptr) {}));
    }

    void sweep(steady::time_point now) override {
        if (now < deadline_) return;
        timed_out_ = true; // and again at the next sweep, should nothing be pending right now
        error_code ignored;
        socket_.cancel(ignored);
    }

    void begin_stop(close_code) override {
        stopping_ = true;
        error_code ignored;
        if (between_requests_) socket_.cancel(ignored);
    }

    void cut() override {
        error_code ignored;
        socket_.close(ignored);
        stop_.emit(asio::cancellation_type::terminal);
    }

private:
    task<void> run();
    task<bool> serve_one();
    task<bool> read_more();
    task<std::optional<http_response>> read_request(request_reader&);
    task<std::optional<outgoing>> answer(const http_request&, bool http_1_1);
    task<http_response> call(const route&, const http_request&);
    task<std::optional<http_response>> pass_gate(const route&, const http_request&);
    http_response move_to(admitted, const http_request&, bool& moved);
    task<bool> write(const outgoing&, bool head_only);
    task<void> linger();
    void expire_after(std::chrono::milliseconds limit) { deadline_ = steady::now() + limit; }
    const edge::limits& limits() const { return shard_->limits(); }

    std::shared_ptr<edge::shard> shard_;
    tcp_socket socket_;
    connection_table::place place_;
    asio::cancellation_signal stop_;
    std::string remote_address_;
    std::string in_; // read and not yet used
    steady::time_point deadline_ = steady::time_point::max();
    const bool refusing_; // no place was left
    bool first_ = true, between_requests_ = false, timed_out_ = false, stopping_ = false, ended_ = false;
};

task<void> http_session::run() {
    if (refusing_) {
        const outgoing full{error_response(errc::full, "too many connections: come back soon"), nullptr,
                            false};
        if (co_await write(full, false)) co_await linger();
        co_return;
    }
    while (!stopping_ && co_await serve_one()) {
    }
}

/// Whether the connection goes on to another request.
task<bool> http_session::serve_one() {
    request_reader reader{limits()};
    auto fault = co_await read_request(reader);
    if (ended_) co_return false;
    if (fault) {
        const outgoing last{std::move(*fault), nullptr, false};
        if (co_await write(last, false)) co_await linger();
        co_return false;
    }
    auto request = reader.release();
    request.remote_address = remote_address_;
    const bool http_1_1 = reader.http_1_1();
    outgoing out;
    if (read_target(reader.target(), request)) {
        auto answered = co_await answer(request, http_1_1);
        if (!answered) co_return false; // a WebSocket now
        out = std::move(*answered);
    } else {
        out.response = refusal(400, "malformed", "the request's target is not a path");
    }
    out.keep_alive = reader.keep_alive() && !stopping_;
    if (!co_await write(out, request.method == "HEAD")) co_return false;
    if (!out.keep_alive) co_await linger();
    co_return out.keep_alive;
}

/// Reads head and body; a refusal where they are not acceptable. Sets ended_ where there is no one to answer.
task<std::optional<http_response>> http_session::read_request(request_reader& reader) {
    between_requests_ = in_.empty();
    expire_after(first_ || !in_.empty() ? limits().request_timeout : limits().idle_timeout);
    for (;;) {
        const auto now = reader.take(in_);
        if (now == request_reader::state::whole) break;
        if (now == request_reader::state::refused) co_return reader.refusal();
        if (now == request_reader::state::head) {
            if (auto fault = framing_fault(reader.head(), reader.http_1_1())) co_return fault;
            if (reader.expects_continue()) {
                constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
                co_await asio::async_write(socket_, asio::buffer(go_on), as_values);
            }
            continue;
        }
        if (!co_await read_more()) {
            ended_ = !timed_out_ || between_requests_;
            if (ended_) co_return std::nullopt;
            co_return refusal(408, "timed_out", "the request did not arrive in time");
        }
        if (std::exchange(between_requests_, false) && !first_) expire_after(limits().request_timeout);
    }
    first_ = between_requests_ = false;
    deadline_ = steady::time_point::max();
    co_return std::nullopt;
}

task<bool> http_session::read_more() {
    if (timed_out_) co_return false;
    const auto had = in_.size();
    in_.resize(had + read_chunk_bytes);
    const auto room = asio::buffer(in_.data() + had, read_chunk_bytes);
    const auto [ec, got] = co_await socket_.async_read_some(room, as_values);
    in_.resize(had + (ec ? 0 : got));
    co_return !ec;
}

/// Nothing where the connection became a WebSocket.
task<std::optional<outgoing>> http_session::answer(const http_request& request, bool http_1_1) {
    outgoing out;
    const auto found = shard_->all().router.find(request.method, request.path);
    if (found.serves && found.serves->gate) {
        if (auto fault = handshake_fault(request, http_1_1)) {
            out.response = std::move(*fault);
            co_return out;
        }
        auto refused = co_await pass_gate(*found.serves, request);
        if (!refused) co_return std::nullopt;
        out.response = std::move(*refused);
        co_return out;
    }
    if (found.serves) {
        out.response = co_await call(*found.serves, request);
        co_return out;
    }
    auto file = found.allowed.empty() ? shard_->all().files.find(request) : std::nullopt;
    if (!file && found.allowed.empty()) {
        out.response = error_response(errc::not_found, "there is nothing at this address");
    } else if (file && (request.method == "GET" || request.method == "HEAD")) {
        out.response = std::move(file->head);
        out.shared_body = std::move(file->body);
    } else {
        out.response = refusal(405, "invalid", "this address does not take that method");
        out.response.fields.emplace_back("Allow", file ? "GET, HEAD" : found.allowed);
    }
    co_return out;
}

task<http_response> http_session::call(const route& chosen, const http_request& request) {
    try {
        co_return co_await chosen.handle(request);
    } catch (...) {
        shard_->counts().handler_failures.add(1);
    }
    co_return refusal(500, "internal_error", "this went wrong on our side");
}

task<std::optional<http_response>> http_session::pass_gate(const route& chosen, const http_request& request) {
    std::variant<admitted, http_response> verdict;
    try {
        verdict = co_await chosen.gate(request);
    } catch (...) {
        shard_->counts().handler_failures.add(1);
        verdict = refusal(500, "internal_error", "this went wrong on our side");
    }
    if (auto* const refused = std::get_if<http_response>(&verdict)) co_return std::move(*refused);
    bool moved = false;
    auto failure = move_to(std::move(std::get<admitted>(verdict)), request, moved);
    if (moved) co_return std::nullopt;
    co_return failure;
}

/// Hands the raw socket to the worker that was chosen; this session ends without it.
http_response http_session::move_to(admitted verdict, const http_request& request, bool& moved) {
    std::shared_ptr<edge::shard> target;
    for (const auto& each : shard_->all().shards)
        if (auto candidate = each.lock(); candidate && &candidate->home() == verdict.home) target = candidate;
    error_code ec;
    const auto local = socket_.local_endpoint(ec);
    if (!target || stopping_ || ec)
        return error_response(errc::closed, "the server restarts: come back soon");
    const int descriptor = socket_.release(ec);
    if (ec) return refusal(500, "internal_error", "this went wrong on our side");
    moved = true;
    edge::upgrade leaving{descriptor, local.address().is_v6(), std::move(place_)};
    leaving.key = std::string{*request.field("sec-websocket-key")};
    leaving.protocol = offered_protocol(request);
    leaving.early = std::string{in_}; // a copy, for the buffer itself would stay as long as the socket
    leaving.max_message_bytes = verdict.max_message_bytes;
    leaving.open = std::move(verdict.open);
    auto& home = target->home();
    asio::post(home.executor(), [shard = std::move(target), upgrade = std::move(leaving)]() mutable {
        start_ws_session(std::move(shard), std::move(upgrade));
    });
    return {};
}

task<bool> http_session::write(const outgoing& out, bool head_only) {
    const auto& body = out.shared_body ? *out.shared_body : out.response.body;
    const auto head = render_head(out.response, body.size(), out.keep_alive);
    const bool without = head_only || out.response.status == 304 || out.response.status == 204;
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head),
                                                  without ? asio::const_buffer{} : asio::buffer(body)};
    timed_out_ = false;
    expire_after(limits().idle_timeout);
    const auto [ec, n] = co_await asio::async_write(socket_, parts, as_values);
    deadline_ = steady::time_point::max();
    shard_->counts().bytes_out.add(n);
    co_return !ec;
}

/// Our last word is out. Reads and discards until the peer has read it and ends, so that no reset overtakes
/// it.
task<void> http_session::linger() {
    error_code ec;
    socket_.shutdown(tcp_socket::shutdown_send, ec);
    timed_out_ = false;
    expire_after(limits().close_timeout);
    while (!ec && !timed_out_) {
        const auto [failed, n] = co_await socket_.async_read_some(asio::buffer(shard_->waste()), as_values);
        ec = failed;
    }
}

} // namespace

void start_http_session(std::shared_ptr<shard> home, tcp_socket connected, connection_table::place place) {
    if (home->stopping()) return;
    std::make_shared<http_session>(std::move(home), std::move(connected), std::move(place))->start();
}

} // namespace studium::edge
