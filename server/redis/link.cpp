#include "server/redis/connection.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace studium::redis {

class link::impl final : public connection_user, public std::enable_shared_from_this<impl> {
public:
    explicit impl(worker& w, link_options options)
        : worker_{w}, command_timeout_{options.command_timeout}, timer_{w.executor()} {}
    void open(endpoint where, link_options options) {
        connection_ = std::make_shared<connection>(worker_, std::move(where), options, weak_from_this());
    }
    void start() { connection_->start(); }
    void close();

    void on_change(std::function<void(std::string_view)> handler);
    bool up() const noexcept { return connection_->up(); }
    const std::string& last_error() const noexcept { return connection_->last_error(); }
    std::size_t in_flight() const noexcept { return in_flight_.size(); }

    /// Where to append the bytes of a command whose answer goes to `done`; nothing while down.
    std::string* begin(reply_handler& done);
    void command(std::span<const std::string_view> arguments, reply_handler done);
    void run_script(const script&, std::span<const std::string_view> keys,
                    std::span<const std::string_view> arguments, reply_handler done);

private:
    using clock = connection::clock;
    struct pending {
        reply_handler done;
        clock::time_point sent;
    };
    struct outcome {
        reply_handler done;
        result<reply> answer;
    };
    struct listener {
        std::function<void(std::string_view)> handler;
        unsigned told;
    };

    void on_up() override;
    void on_replies(std::vector<reply> replies) override;
    void on_down() override;
    void fail_later(reply_handler done);
    void fail_in_flight();
    void deliver();
    void deliver_one();
    void announce();
    void watch_oldest(clock::duration);
    void on_watch();

    worker& worker_;
    const clock::duration command_timeout_;
    std::shared_ptr<connection> connection_;
    std::deque<pending> in_flight_;
    std::deque<outcome> outcomes_;   // for the handlers, in order
    std::deque<listener> listeners_; // registering while one runs moves none
    unsigned change_ = 0;            // even: down, odd: up
    asio::basic_waitable_timer<clock, asio::wait_traits<clock>, asio::io_context::executor_type> timer_;
    bool watching_ = false, lenient_ = false, closed_ = false;
};

void link::impl::close() {
    const auto self = shared_from_this();
    closed_ = true;
    listeners_.clear();
    connection_->stop();
    timer_.cancel();
    fail_in_flight();
    while (!outcomes_.empty()) deliver_one();
}

void link::impl::on_change(std::function<void(std::string_view)> handler) {
    listeners_.push_back({std::move(handler), up() ? change_ - 1 : change_});
    asio::post(worker_.executor(), [self = shared_from_this()] { self->announce(); });
}

// Each listener is brought from what it was told last to what is true now.
void link::impl::announce() {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (std::exchange(listeners_[i].told, change_) == change_) continue;
        const auto handler = listeners_[i].handler; // a handler may destroy the link
        handler(connection_->run_id());
    }
}

void link::impl::on_up() {
    const auto self = shared_from_this();
    ++change_;
    announce();
}

void link::impl::on_down() {
    const auto self = shared_from_this();
    ++change_;
    fail_in_flight();
    deliver();
    announce();
}

void link::impl::on_replies(std::vector<reply> replies) {
    const auto self = shared_from_this();
    bool unexpected = false;
    for (auto& answer : replies) {
        unexpected = in_flight_.empty();
        if (unexpected) break;
        outcomes_.push_back({std::move(in_flight_.front().done), std::move(answer)});
        in_flight_.pop_front();
    }
    lenient_ = false;
    deliver();
    if (unexpected) connection_->cut("a reply to no command");
}

// Handlers may add outcomes (a command while the link is down) and may close the link, which empties the
// queue.
void link::impl::deliver() {
    const auto self = shared_from_this();
    for (auto count = outcomes_.size(); count != 0 && !outcomes_.empty(); --count) deliver_one();
    if (!outcomes_.empty()) asio::post(worker_.executor(), [self] { self->deliver(); });
}

void link::impl::deliver_one() {
    auto next = std::move(outcomes_.front());
    outcomes_.pop_front();
    next.done(std::move(next.answer));
}

void link::impl::fail_in_flight() {
    for (auto& one : in_flight_) outcomes_.push_back({std::move(one.done), errc::indeterminate});
    in_flight_.clear();
}

void link::impl::fail_later(reply_handler done) {
    if (closed_) { // the link is gone when this runs
        asio::post(worker_.executor(), [done = std::move(done)] { done(errc::store_unavailable); });
        return;
    }
    if (outcomes_.empty()) asio::post(worker_.executor(), [self = shared_from_this()] { self->deliver(); });
    outcomes_.push_back({std::move(done), errc::store_unavailable});
}

std::string* link::impl::begin(reply_handler& done) {
    if (!connection_->up()) {
        fail_later(std::move(done));
        return nullptr;
    }
    auto& out = connection_->outgoing();
    in_flight_.push_back({std::move(done), clock::now()});
    if (!watching_) watch_oldest(command_timeout_);
    return &out;
}

void link::impl::command(std::span<const std::string_view> arguments, reply_handler done) {
    if (auto* const out = begin(done)) append_command(*out, arguments);
}

void link::impl::run_script(const script& what, std::span<const std::string_view> keys,
                            std::span<const std::string_view> arguments, reply_handler done) {
    // What EVALSHA and EVAL have in common; kept until the answer, for a Redis that does not know the script.
    std::string tail;
    append_bulk(tail, std::to_string(keys.size()));
    for (const auto key : keys) append_bulk(tail, key);
    for (const auto argument : arguments) append_bulk(tail, argument);
    const auto send = [](std::string& out, std::string_view verb, std::string_view body, std::size_t words,
                         std::string_view rest) {
        append_array_head(out, words);
        append_bulk(out, verb);
        append_bulk(out, body);
        out += rest;
    };
    const auto words = 3 + keys.size() + arguments.size();
    reply_handler unless_unknown = [weak = weak_from_this(), send, words, tail, source = what.source,
                                    done = std::move(done)](result<reply> answer) mutable {
        const bool unknown = answer && answer->error_code() == "NOSCRIPT";
        const auto self = weak.lock();
        if (!unknown || !self) return done(std::move(answer));
        if (auto* const out = self->begin(done)) send(*out, "EVAL", source, words, tail);
    };
    if (auto* const out = begin(unless_unknown)) send(*out, "EVALSHA", what.sha1, words, tail);
}

// The timer runs once per timeout while anything is in flight, not once per command.
void link::impl::watch_oldest(clock::duration delay) {
    watching_ = true;
    timer_.expires_after(delay);
    timer_.async_wait([weak = weak_from_this()](error_code failure) {
        const auto self = weak.lock();
        if (self && !failure && !self->closed_) self->on_watch();
    });
}

void link::impl::on_watch() {
    watching_ = false;
    if (in_flight_.empty()) return;
    const auto left = in_flight_.front().sent + command_timeout_ - clock::now();
    if (left > clock::duration::zero()) return watch_oldest(left);
    // Where this process itself was held up, the answers may be here, only unread: read them first.
    if (!std::exchange(lenient_, true) && connection_->has_unread())
        return watch_oldest(command_timeout_ / 4);
    lenient_ = false;
    connection_->cut("no answer within the command timeout");
}

link::link(worker& w, endpoint where, link_options options) : impl_{std::make_shared<impl>(w, options)} {
    impl_->open(std::move(where), options);
}

link::~link() { impl_->close(); }

void link::on_change(std::function<void(std::string_view)> handler) { impl_->on_change(std::move(handler)); }
void link::start() { impl_->start(); }
bool link::up() const noexcept { return impl_->up(); }
std::string_view link::last_error() const noexcept { return impl_->last_error(); }
std::size_t link::in_flight() const noexcept { return impl_->in_flight(); }

void link::command(std::span<const std::string_view> arguments, reply_handler done) {
    impl_->command(arguments, std::move(done));
}

void link::command(std::initializer_list<std::string_view> arguments, reply_handler done) {
    impl_->command({arguments.begin(), arguments.size()}, std::move(done));
}

void link::run_script(const script& what, std::span<const std::string_view> keys,
                      std::span<const std::string_view> arguments, reply_handler done) {
    impl_->run_script(what, keys, arguments, std::move(done));
}

namespace {

// One awaited command. Its waiter may be cancelled; the command, once sent, cannot.
template <class Waiter> class awaited {
public:
    explicit awaited(Waiter waiter) : waiter_{std::move(waiter)} {}
    void finish(result<reply> answer) {
        if (!waiter_) return;
        auto waiter = std::exchange(waiter_, std::nullopt);
        asio::get_associated_cancellation_slot(*waiter).clear();
        asio::dispatch(asio::append(std::move(*waiter), std::move(answer)));
    }
    void cancel() {
        if (!waiter_) return;
        auto waiter = std::exchange(waiter_, std::nullopt);
        asio::post(asio::append(std::move(*waiter), result<reply>{errc::indeterminate}));
    }

private:
    std::optional<Waiter> waiter_;
};

} // namespace

task<result<reply>> link::run(std::vector<std::string> arguments) {
    auto send = [self = impl_]<class Waiter>(Waiter waiter, const std::vector<std::string>& words) {
        auto slot = asio::get_associated_cancellation_slot(waiter);
        auto shared = std::make_shared<awaited<Waiter>>(std::move(waiter));
        if (slot.is_connected()) slot.assign([shared](asio::cancellation_type) { shared->cancel(); });
        const std::vector<std::string_view> views{words.begin(), words.end()};
        self->command(views, [shared](result<reply> answer) { shared->finish(std::move(answer)); });
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(result<reply>)>(
        std::move(send), asio::use_awaitable, std::move(arguments));
}

} // namespace studium::redis
