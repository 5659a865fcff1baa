#include "server/edge/ws_session.hpp"

#include "server/edge/mux.hpp"
#include "server/edge/outbox.hpp"
#include "server/edge/shard.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/tcp.h>
#include <unistd.h>
#include <utility>

namespace studium::edge {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using ws_stream = beast::websocket::stream<mux, false>;

constexpr close_code too_many_control_frames{1008, "too many pings or pongs", false};
constexpr close_code too_many_empty_frames{1008, "too many empty frames", false};
/// A payload byte or a control frame completes after far fewer reads than this, even where they come byte by
/// byte. Empty fragments complete nothing, and Beast would read them for ever without a word to us.
constexpr unsigned max_fruitless_reads = 256;
constexpr std::size_t message_ceiling = std::size_t{1} << 30; // whatever a gate says
constexpr std::string_view ping_frame{"\x89\x00", 2};

/// RFC 6455, section 5.5.1.
std::string close_frame(close_code why) {
    const auto reason = why.reason.substr(0, 123);
    std::string bytes{"\x88", 1};
    bytes.push_back(static_cast<char>(2 + reason.size()));
    bytes.push_back(static_cast<char>(why.code >> 8));
    bytes.push_back(static_cast<char>(why.code & 0xff));
    return bytes.append(reason);
}

bool is_close_frame(std::string_view bytes) {
    return !bytes.empty() && static_cast<unsigned char>(bytes[0]) == 0x88;
}

/// Beast echoes whatever code the peer sent; 5000 and above are nobody's (RFC 6455, section 7.4.2).
void correct_code(std::string& frame) {
    if (frame.size() < 4) return;
    const auto code = static_cast<unsigned char>(frame[2]) << 8 | static_cast<unsigned char>(frame[3]);
    if (code < 5000) return;
    frame[2] = static_cast<char>(1002 >> 8);
    frame[3] = static_cast<char>(1002 & 0xff);
}

/// The request that Beast answers. What the client sent was checked before; only the key matters here.
http::request<http::empty_body> handshake_request(std::string_view key) {
    http::request<http::empty_body> request{http::verb::get, "/", 11};
    request.set(http::field::host, "-");
    request.set(http::field::connection, "upgrade");
    request.set(http::field::upgrade, "websocket");
    request.set(http::field::sec_websocket_version, "13");
    request.set(http::field::sec_websocket_key, beast::string_view{key.data(), key.size()});
    return request;
}

/// Where a message gathers: small ones, the usual, need no allocation. Grows with what has really come,
/// never with what a header announces.
class message_buffer {
public:
    /// Room for at least one more byte.
    asio::mutable_buffer room(std::size_t max_message_bytes) {
        if (size_ == capacity()) grow(max_message_bytes);
        return {data() + size_, capacity() - size_};
    }
    void received(std::size_t n) noexcept { size_ += n; }
    std::string_view view() const noexcept { return {large_ ? large_.get() : small_.data(), size_}; }
    void clear() noexcept {
        size_ = large_capacity_ = 0;
        large_.reset();
    }

private:
    char* data() noexcept { return large_ ? large_.get() : small_.data(); }
    std::size_t capacity() const noexcept { return large_ ? large_capacity_ : small_.size(); }
    void grow(std::size_t max_message_bytes) {
        const auto wanted = std::max(std::min(capacity() * 4, max_message_bytes + 1), size_ + 1);
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        std::memcpy(larger.get(), data(), size_);
        large_ = std::move(larger);
        large_capacity_ = wanted;
    }

    std::array<char, 512> small_;
    std::unique_ptr<char[]> large_;
    std::size_t large_capacity_ = 0, size_ = 0;
};

class ws_session final : public socket, public resident, public flushable, private beast_watcher {
public:
    /// A reference that keeps the session; all on one thread, so no atomics. The session deletes itself with
    /// the last of them: every pending operation holds one, and so does the session until it is gone.
    class pin {
    public:
        explicit pin(ws_session& s) noexcept : session_{&s} { s.hold(); }
        pin(pin&& other) noexcept : session_{std::exchange(other.session_, nullptr)} {}
        pin(const pin& other) noexcept : session_{other.session_} { session_->hold(); }
        pin& operator=(pin&&) = delete;
        pin& operator=(const pin&) = delete;
        ~pin() {
            if (session_) session_->release();
        }
        ws_session* operator->() const noexcept { return session_; }
        ws_session& operator*() const noexcept { return *session_; }

    private:
        ws_session* session_;
    };

    ws_session(std::shared_ptr<edge::shard> home, tcp_socket connected, edge::upgrade& from)
        : shard_{std::move(home)}, place_{std::move(from.place)},
          number_{shard_->all().next_number.fetch_add(1, std::memory_order_relaxed)},
          max_message_bytes_{std::clamp(from.max_message_bytes, std::size_t{1}, message_ceiling)},
          last_heard_{shard_->coarse_now()}, last_ping_{last_heard_},
          stream_{std::move(connected), std::move(from.early), static_cast<beast_watcher&>(*this)} {
        shard_->add(*this);
    }
    ws_session(const ws_session&) = delete;
    ws_session& operator=(const ws_session&) = delete;

    void begin(edge::upgrade);

    worker& home() noexcept override { return shard_->home(); }
    std::uint64_t number() const noexcept override { return number_; }
    void send(websocket::shared_frame) override;
    std::size_t queued_bytes() const noexcept override { return outbox_.bytes(); }
    bool congested() const noexcept override { return congested_; }
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    void close(close_code) override;

    void sweep(steady::time_point now) override;
    void begin_stop(close_code why) override { close(why); }
    void cut() override { gone(); }

    void flush() override;
    void hold() noexcept override { ++pins_; }
    void release() noexcept override {
        if (--pins_ == 0) delete this;
    }

private:
    ~ws_session() override { shard_->remove(*this); }

    tcp_socket& tcp() { return stream_.next_layer().socket(); }
    bool handshake(const edge::upgrade&);
    void make_handler(const edge::upgrade&);

    void read_some();
    void on_read(const error_code&, std::size_t);
    void deliver();
    void read_on();
    void reading_ended(const error_code&);
    void on_control(beast::websocket::frame_type);
    void from_beast(std::string bytes) override;
    void before_read() override;

    void mark_dirty();
    outbox::state write_now();
    void wait_until_writable();
    void drained();
    void close_too_slow();

    void begin_closing();
    void discard();
    void gone();
    void later(void (ws_session::*what)());
    void tell_handler();

    std::shared_ptr<edge::shard> shard_;
    connection_table::place place_;
    std::uint64_t number_;
    std::size_t max_message_bytes_;
    std::unique_ptr<socket_handler> handler_;
    std::uint32_t pins_ = 0;
    std::uint16_t control_frames_ = 0; // since control_second_
    std::uint16_t fruitless_reads_ = 0;
    enum class state : std::uint8_t { open, closing, gone } state_ = state::open;
    bool paused_ = false;
    bool reading_ = false; // a read is pending, a message is being delivered, or reading will go on soon
    bool held_ = false;    // a whole message waits for resume_reading()
    bool dirty_ = false, write_waits_ = false, congested_ = false;
    bool shut_ = false, peer_done_ = false;
    steady::time_point last_heard_, last_ping_, deadline_, control_second_;
    outbox outbox_;
    message_buffer message_;
    ws_stream stream_;
};

// --- from the handshake to the handler ------------------------------------------------------------------

void ws_session::begin(edge::upgrade from) {
    hold(); // the session's own, until gone()
    const pin during{*this};
    if (!handshake(from)) return gone();
    make_handler(from);
    read_on();
}

bool ws_session::handshake(const edge::upgrade& from) {
    stream_.read_message_max(max_message_bytes_);
    stream_.set_option(
        beast::websocket::stream_base::decorator{[&from](beast::websocket::response_type& response) {
            response.set(http::field::server, "studium");
            if (!from.protocol.empty()) response.set(http::field::sec_websocket_protocol, from.protocol);
        }});
    error_code ec;
    stream_.accept(handshake_request(from.key), ec);
    stream_.set_option(beast::websocket::stream_base::decorator{[](beast::websocket::response_type&) {}});
    stream_.control_callback(
        [this](beast::websocket::frame_type kind, beast::string_view) { on_control(kind); });
    return !ec;
}

void ws_session::make_handler(const edge::upgrade& from) {
    reading_ = true; // what `open` calls must not begin to read yet
    try {
        handler_ = from.open(*this);
    } catch (...) {
        shard_->counts().handler_failures.add(1);
    }
    if (!handler_) close(close_codes::internal_error);
}

// --- reading --------------------------------------------------------------------------------------------

/// Reads on unless reading is paused; after the last word it only discards. The one place that decides.
void ws_session::read_on() {
    reading_ = false;
    if (state_ == state::gone) return;
    if (state_ == state::closing) return discard();
    if (paused_) return;
    reading_ = true;
    if (std::exchange(held_, false)) return deliver();
    read_some();
}

void ws_session::read_some() {
    const auto room = message_.room(max_message_bytes_);
    stream_.async_read_some(
        room, [self = pin{*this}](const error_code& ec, std::size_t n) { self->on_read(ec, n); });
}

void ws_session::on_read(const error_code& ec, std::size_t n) {
    if (ec) return reading_ended(ec);
    fruitless_reads_ = 0;
    message_.received(n);
    if (state_ != state::open || !stream_.is_message_done()) return read_on();
    if (!paused_) return deliver();
    held_ = true;
    reading_ = false;
}

void ws_session::deliver() {
    const auto payload = message_.view();
    last_heard_ = shard_->coarse_now();
    shard_->counts().frames_in.add(1);
    shard_->counts().bytes_in.add(payload.size());
    try {
        handler_->on_message(stream_.got_text() ? websocket::opcode::text : websocket::opcode::binary,
                             payload);
    } catch (...) {
        shard_->counts().handler_failures.add(1);
        close(close_codes::internal_error);
    }
    message_.clear();
    read_on();
}

void ws_session::resume_reading() {
    if (!std::exchange(paused_, false)) return;
    last_heard_ = shard_->coarse_now();
    if (reading_ || state_ != state::open) return;
    reading_ = true;
    later(&ws_session::read_on); // not from here: the caller is in the middle of something
}

/// The stream has ended: by the peer's close frame or by its fault, both of which Beast has answered with a
/// close frame in our queue; or the peer has just stopped sending; or the connection broke.
void ws_session::reading_ended(const error_code& ec) {
    reading_ = false;
    if (ec == asio::error::eof) {
        peer_done_ = true;
        outbox_.seal();
    }
    if (!outbox_.sealed()) return gone();
    if (state_ == state::open)
        begin_closing();
    else if (peer_done_)
        mark_dirty();
    if (state_ == state::closing && !peer_done_) discard();
}

void ws_session::on_control(beast::websocket::frame_type kind) {
    last_heard_ = shard_->coarse_now();
    fruitless_reads_ = 0;
    if (kind == beast::websocket::frame_type::close) return;
    const auto now = steady::now();
    if (now - control_second_ >= std::chrono::seconds{1}) {
        control_second_ = now;
        control_frames_ = 0;
    }
    if (++control_frames_ > shard_->limits().max_control_frames_per_second) close(too_many_control_frames);
}

/// A pong or a close frame, or the answer to the handshake.
void ws_session::from_beast(std::string bytes) {
    if (outbox_.sealed()) return;
    const bool last = is_close_frame(bytes);
    if (last) correct_code(bytes);
    outbox_.push_bytes(std::move(bytes));
    if (last) outbox_.seal();
    mark_dirty();
}

void ws_session::before_read() {
    if (++fruitless_reads_ == max_fruitless_reads) close(too_many_empty_frames);
}

// --- writing --------------------------------------------------------------------------------------------

void ws_session::send(websocket::shared_frame frame) {
    if (state_ != state::open) return;
    const auto size = frame->wire().size();
    const auto limit = shard_->limits().max_outbox_bytes;
    // What the kernel would take now does not count as slow.
    if (!outbox_.fits(size, limit) && !write_waits_) write_now();
    if (!outbox_.fits(size, limit)) return close_too_slow();
    outbox_.push(std::move(frame));
    shard_->counts().frames_out.add(1);
    mark_dirty();
}

void ws_session::mark_dirty() {
    if (dirty_ || write_waits_ || state_ == state::gone) return;
    dirty_ = true;
    shard_->flush_at_end_of_turn(*this);
}

void ws_session::flush() {
    dirty_ = false;
    if (state_ == state::gone || write_waits_) return;
    if (write_now() == outbox::state::empty) drained();
}

outbox::state ws_session::write_now() {
    const auto done = outbox_.write_to(tcp().native_handle());
    shard_->counts().writes.add(done.calls);
    shard_->counts().bytes_out.add(done.bytes);
    if (done.now == outbox::state::blocked) wait_until_writable();
    if (done.now == outbox::state::broken) {
        outbox_.clear();
        later(&ws_session::gone); // not from here: the caller may be a handler's send()
    }
    return done.now;
}

void ws_session::wait_until_writable() {
    congested_ = write_waits_ = true;
    tcp().async_wait(tcp_socket::wait_write, [self = pin{*this}](const error_code& ec) {
        self->write_waits_ = false;
        if (ec) return;
        self->last_heard_ = self->shard_->coarse_now(); // it reads, slowly: a sign of life
        self->flush();
    });
}

/// The kernel has taken everything.
void ws_session::drained() {
    if (state_ == state::closing && outbox_.sealed()) {
        error_code ignored;
        if (!std::exchange(shut_, true)) tcp().shutdown(tcp_socket::shutdown_send, ignored);
        if (peer_done_) return gone();
    }
    if (!std::exchange(congested_, false) || state_ != state::open || !handler_) return;
    try {
        handler_->on_drained();
    } catch (...) {
        shard_->counts().handler_failures.add(1);
        close(close_codes::internal_error);
    }
}

void ws_session::close_too_slow() {
    shard_->counts().closed_too_slow.add(1);
    outbox_.drop_unsent(); // so that the reason is the next thing that the peer reads
    close(close_codes::too_slow);
}

// --- the end --------------------------------------------------------------------------------------------

void ws_session::close(close_code why) {
    if (state_ != state::open) return;
    outbox_.push_bytes(close_frame(why));
    outbox_.seal();
    begin_closing();
    mark_dirty();
    if (!reading_) discard();
}

void ws_session::begin_closing() {
    state_ = state::closing;
    deadline_ = steady::now() + shard_->limits().close_timeout;
    if (outbox_.bytes() == 0) mark_dirty(); // nothing left to write: flush() goes straight on to drained()
    later(&ws_session::tell_handler);
}

/// Reads what still comes, so that the kernel does not answer it with a reset that would overtake our close
/// frame; until the peer's end, or the deadline that sweep() watches.
void ws_session::discard() {
    reading_ = true;
    tcp().async_read_some(asio::buffer(shard_->waste()),
                          [self = pin{*this}](const error_code& ec, std::size_t) {
                              if (!ec) return self->discard();
                              self->peer_done_ = true;
                              if (ec != asio::error::eof || self->shut_) self->gone();
                          });
}

void ws_session::gone() {
    if (state_ == state::gone) return;
    state_ = state::gone;
    outbox_.clear();
    error_code ignored;
    tcp().close(ignored);
    later(&ws_session::tell_handler);
    release(); // the session's own
}

void ws_session::later(void (ws_session::*what)()) {
    asio::post(shard_->home().executor(), [self = pin{*this}, what] { ((*self).*what)(); });
}

void ws_session::tell_handler() {
    if (const auto last = std::move(handler_)) last->on_close();
}

void ws_session::sweep(steady::time_point now) {
    const pin during{*this};
    const auto& limits = shard_->limits();
    if (state_ == state::closing && now >= deadline_) return gone();
    if (state_ != state::open) return;
    if (paused_) last_heard_ = now; // we are the deaf one
    if (now - last_heard_ >= limits.idle_timeout) return gone();
    outbox_.shrink();
    const auto quiet_since = paused_ ? last_ping_ : std::max(last_heard_, last_ping_);
    if (now - quiet_since < limits.ping_interval) return;
    last_ping_ = now;
    if (outbox_.bytes() != 0) return; // it has enough to read, and TCP probes it
    outbox_.push_static(ping_frame);
    mark_dirty();
}

} // namespace

// --- the way in -----------------------------------------------------------------------------------------

upgrade::upgrade(upgrade&& other) noexcept
    : descriptor{std::exchange(other.descriptor, -1)}, is_v6{other.is_v6}, place{std::move(other.place)},
      key{std::move(other.key)}, protocol{std::move(other.protocol)}, early{std::move(other.early)},
      max_message_bytes{other.max_message_bytes}, open{std::move(other.open)} {}

upgrade::~upgrade() {
    if (descriptor >= 0) ::close(descriptor);
}

void start_ws_session(std::shared_ptr<shard> home, upgrade from) {
    if (home->stopping()) return;
    tcp_socket connected{home->home().executor()};
    error_code ec;
    connected.assign(from.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), from.descriptor, ec);
    if (ec) return;
    from.descriptor = -1;
    connected.set_option(asio::ip::tcp::no_delay{true}, ec);
    // A peer that vanished is noticed by what it does not acknowledge, also while we read nothing from it.
    const auto unacknowledged = static_cast<unsigned>(home->limits().idle_timeout.count());
    ::setsockopt(connected.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged,
                 sizeof unacknowledged);
    auto* const session = new ws_session{std::move(home), std::move(connected), from};
    session->begin(std::move(from)); // it owns itself from here on
}

} // namespace studium::edge
