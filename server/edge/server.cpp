#include "server/edge/server.hpp"

#include "server/edge/http_session.hpp"
#include "server/edge/shard.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

#include <future>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace studium::edge {

namespace {

constexpr std::chrono::milliseconds pause_without_descriptors{100};
constexpr std::size_t max_refusals_at_once = 64; // more are closed without a word
constexpr std::chrono::milliseconds cut_limit{1'000};

using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

void throw_if(const error_code& ec, const std::string& what) {
    if (ec) throw std::system_error{ec, what};
}

/// Accepts on the first worker and deals the connections out in turn.
class listener : public std::enable_shared_from_this<listener> {
public:
    listener(std::shared_ptr<common> all, std::vector<std::shared_ptr<shard>> shards)
        : all_{std::move(all)}, shards_{std::move(shards)}, acceptor_{first().executor()},
          pause_{first().executor()} {
        const auto& o = all_->options;
        error_code ec;
        const auto address = asio::ip::make_address(o.address, ec);
        throw_if(ec, "listen address " + o.address);
        const asio::ip::tcp::endpoint endpoint{address, o.port};
        const auto where = o.address + " port " + std::to_string(o.port);
        acceptor_.open(endpoint.protocol(), ec);
        throw_if(ec, "cannot listen on " + where);
        acceptor_.set_option(acceptor::reuse_address{true}, ec);
        acceptor_.bind(endpoint, ec);
        throw_if(ec, "cannot listen on " + where);
        acceptor_.listen(acceptor::max_listen_connections, ec);
        throw_if(ec, "cannot listen on " + where);
        port_ = acceptor_.local_endpoint().port();
    }

    std::uint16_t port() const noexcept { return port_; }

    void accept_next() {
        if (!acceptor_.is_open()) return;
        const auto& target = shards_[turn_++ % shards_.size()];
        acceptor_.async_accept(target->home().executor(), [self = shared_from_this(), target](
                                                              const error_code& ec, tcp_socket connected) {
            if (!ec) self->deal(target, std::move(connected));
            self->after_accept(ec);
        });
    }

    void close() {
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

private:
    worker& first() { return shards_.front()->home(); }

    void after_accept(const error_code& ec) {
        const bool peers_fault = ec == asio::error::connection_aborted;
        if (!ec || peers_fault) return accept_next();
        if (!acceptor_.is_open()) return;
        // No descriptor or no memory left: the connection stays in the backlog, and asking again at once
        // would spin.
        pause_.expires_after(pause_without_descriptors);
        pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
            if (!cancelled) self->accept_next();
        });
    }

    void deal(const std::shared_ptr<shard>& target, tcp_socket connected) {
        error_code ec;
        const auto peer = connected.remote_endpoint(ec);
        if (ec) return;
        auto place = all_->connections->take(peer.address());
        if (!place && all_->refusing.load(std::memory_order_relaxed) >= max_refusals_at_once) return;
        asio::post(target->home().executor(),
                   [target, moved = std::move(connected), place = std::move(place)]() mutable {
                       start_http_session(target, std::move(moved), std::move(place));
                   });
    }

    std::shared_ptr<common> all_;
    std::vector<std::shared_ptr<shard>> shards_;
    acceptor acceptor_;
    timer pause_;
    std::size_t turn_ = 0;
    std::uint16_t port_ = 0;
};

} // namespace

class server::impl {
public:
    impl(edge::options o, const std::vector<worker*>& workers, std::vector<route> routes)
        : all_{std::make_shared<common>(std::move(o), std::move(routes))} {
        if (workers.empty()) throw std::invalid_argument{"a server needs a worker"};
        for (auto* const w : workers) shards_.push_back(std::make_shared<shard>(*w, all_));
        for (const auto& s : shards_) all_->shards.push_back(s);
        listener_ = std::make_shared<listener>(all_, shards_);
    }

    std::uint16_t port() const { return listener_->port(); }

    void start() {
        for (const auto& s : shards_) asio::post(s->home().executor(), [s] { s->start(); });
        asio::post(first().executor(), [l = listener_] { l->accept_next(); });
        started_ = true;
    }

    counters count() const {
        const auto [open, total, refused] = all_->connections->count();
        counters sum{};
        sum.connections_open = open;
        sum.connections_total = total;
        sum.connections_refused = refused;
        for (const auto& s : shards_) {
            const auto& c = std::as_const(*s).counts();
            sum.frames_in += c.frames_in.value();
            sum.frames_out += c.frames_out.value();
            sum.bytes_in += c.bytes_in.value();
            sum.bytes_out += c.bytes_out.value();
            sum.writes += c.writes.value();
            sum.closed_too_slow += c.closed_too_slow.value();
            sum.handler_failures += c.handler_failures.value();
        }
        return sum;
    }

    bool stop(close_code why, std::chrono::milliseconds limit) {
        if (!std::exchange(started_, false)) return true;
        asio::post(first().executor(), [l = listener_] { l->close(); });
        for (const auto& s : shards_) asio::post(s->home().executor(), [s, why] { s->begin_stop(why); });
        const bool all_gone = all_->connections->wait_until_empty(limit);
        on_every_worker([](shard& s) {
            s.cut_all();
            s.retire();
        });
        if (!all_gone) all_->connections->wait_until_empty(cut_limit);
        on_every_worker([](shard&) {}); // what was cut has run its last handlers
        return all_gone;
    }

private:
    worker& first() { return shards_.front()->home(); }

    /// Runs `work` for each shard on its worker, and waits; not for ever, for a worker may not run any more.
    template <class Work> void on_every_worker(Work work) {
        std::vector<std::future<void>> done;
        for (const auto& s : shards_) {
            auto finished = std::make_shared<std::promise<void>>();
            done.push_back(finished->get_future());
            asio::post(s->home().executor(), [s, work, finished] {
                work(*s);
                finished->set_value();
            });
        }
        for (auto& each : done) each.wait_for(cut_limit);
    }

    std::shared_ptr<common> all_;
    std::vector<std::shared_ptr<shard>> shards_;
    std::shared_ptr<listener> listener_;
    bool started_ = false;
};

server::server(edge::options o, std::vector<worker*> workers, std::vector<route> routes)
    : impl_{std::make_unique<impl>(std::move(o), workers, std::move(routes))} {}

server::~server() { impl_->stop(close_codes::going_away, std::chrono::milliseconds{0}); }

std::uint16_t server::port() const { return impl_->port(); }
void server::start() { impl_->start(); }
counters server::count() const { return impl_->count(); }
bool server::stop(close_code why, std::chrono::milliseconds limit) { return impl_->stop(why, limit); }

} // namespace studium::edge
