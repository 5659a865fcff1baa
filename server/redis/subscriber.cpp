#include "server/redis/subscriber.hpp"

#include "server/redis/connection.hpp"

#include <array>
#include <unordered_map>
#include <utility>

namespace studium::redis {

namespace {

struct hash_text {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};
template <class T> using by_channel = std::unordered_map<std::string, T, hash_text, std::equal_to<>>;

} // namespace

class subscriber::impl final : public connection_user, public std::enable_shared_from_this<impl> {
public:
    impl(worker& w, link_options options)
        : worker_{w}, patience_{options.command_timeout}, heartbeat_{w.executor()} {}
    void open(endpoint where, link_options options) {
        connection_ = std::make_shared<connection>(worker_, std::move(where), options, weak_from_this());
    }
    void start() { connection_->start(); }
    void close();
    bool up() const noexcept { return connection_->up(); }
    const std::string& last_error() const noexcept { return connection_->last_error(); }

    void subscribe(std::string channel, std::function<void()> on_ready,
                   std::function<void(std::string_view)> on_message);
    void unsubscribe(std::string_view channel);

private:
    using clock = connection::clock;
    struct following {
        std::function<void()> on_ready;
        std::function<void(std::string_view)> on_message;
    };

    void on_up() override;
    void on_replies(std::vector<reply> replies) override;
    void on_down() override;
    void on_event(const reply&);
    void on_confirmed(const std::string& channel);
    void on_message(const std::string& channel, std::string_view payload);
    void send(std::string_view verb, std::string_view channel);
    void beat();

    worker& worker_;
    const clock::duration patience_;
    std::shared_ptr<connection> connection_;
    by_channel<std::shared_ptr<const following>> following_;
    by_channel<unsigned> unconfirmed_; // SUBSCRIBEs of this connection that Redis has not confirmed yet
    asio::basic_waitable_timer<clock, asio::wait_traits<clock>, asio::io_context::executor_type> heartbeat_;
    bool heard_ = false, closed_ = false;
};

void subscriber::impl::close() {
    closed_ = true;
    following_.clear();
    connection_->stop();
    heartbeat_.cancel();
}

void subscriber::impl::subscribe(std::string channel, std::function<void()> on_ready,
                                 std::function<void(std::string_view)> on_message) {
    if (connection_->up()) send("SUBSCRIBE", channel);
    following_[std::move(channel)] =
        std::make_shared<const following>(following{std::move(on_ready), std::move(on_message)});
}

void subscriber::impl::unsubscribe(std::string_view channel) {
    const auto found = following_.find(channel);
    if (found == following_.end()) return;
    if (connection_->up()) send("UNSUBSCRIBE", channel);
    following_.erase(found);
}

void subscriber::impl::send(std::string_view verb, std::string_view channel) {
    if (verb == "SUBSCRIBE") ++unconfirmed_[std::string{channel}];
    append_command(connection_->outgoing(), std::array{verb, channel});
}

void subscriber::impl::on_up() {
    for (const auto& [channel, ignored] : following_) send("SUBSCRIBE", channel);
    heard_ = true;
    beat();
}

void subscriber::impl::on_down() {
    heartbeat_.cancel();
    unconfirmed_.clear();
}

// A PING in each period. A connection on which nothing at all was heard for a whole period is dead.
void subscriber::impl::beat() {
    if (closed_ || !connection_->up()) return;
    if (!std::exchange(heard_, false) && !connection_->has_unread())
        return connection_->cut("no sign of life");
    append_command(connection_->outgoing(), std::array<std::string_view, 1>{"PING"});
    heartbeat_.expires_after(patience_);
    heartbeat_.async_wait([weak = weak_from_this()](error_code failure) {
        const auto self = weak.lock();
        if (self && !failure) self->beat();
    });
}

void subscriber::impl::on_replies(std::vector<reply> replies) {
    const auto self = shared_from_this(); // a handler may destroy the subscriber
    heard_ = true;
    for (const auto& event : replies) {
        if (closed_ || !connection_->up()) return;
        on_event(event);
    }
}

// https://redis.io/docs/manual/pubsub: ["message", channel, payload], ["subscribe", channel, n],
// ["unsubscribe", channel, n], ["pong", ""], and a plain PONG while there is no subscription.
void subscriber::impl::on_event(const reply& event) {
    if (event.is_error()) return connection_->cut(event.text); // such as NOPERM: try again, with a pause
    if (event.items.size() < 3) return;
    const auto& what = event.items[0].text;
    const auto& channel = event.items[1].text;
    if (what == "message") return on_message(channel, event.items[2].text);
    if (what == "subscribe") on_confirmed(channel);
}

void subscriber::impl::on_confirmed(const std::string& channel) {
    const auto waiting = unconfirmed_.find(channel);
    if (waiting == unconfirmed_.end() || --waiting->second != 0) return;
    unconfirmed_.erase(waiting);
    const auto found = following_.find(channel);
    if (found == following_.end()) return;
    const auto kept = found->second; // the handler may unsubscribe itself
    if (kept->on_ready) kept->on_ready();
}

// What comes before the last SUBSCRIBE is confirmed was meant for an earlier one.
void subscriber::impl::on_message(const std::string& channel, std::string_view payload) {
    const auto found = following_.find(channel);
    if (found == following_.end() || (!unconfirmed_.empty() && unconfirmed_.contains(channel))) return;
    const auto kept = found->second;
    if (kept->on_message) kept->on_message(payload);
}

subscriber::subscriber(worker& w, endpoint where, link_options options)
    : impl_{std::make_shared<impl>(w, options)} {
    impl_->open(std::move(where), options);
}

subscriber::~subscriber() { impl_->close(); }

void subscriber::start() { impl_->start(); }
bool subscriber::up() const noexcept { return impl_->up(); }
std::string_view subscriber::last_error() const noexcept { return impl_->last_error(); }

void subscriber::subscribe(std::string channel, std::function<void()> on_ready,
                           std::function<void(std::string_view)> on_message) {
    impl_->subscribe(std::move(channel), std::move(on_ready), std::move(on_message));
}

void subscriber::unsubscribe(std::string_view channel) { impl_->unsubscribe(channel); }

} // namespace studium::redis
