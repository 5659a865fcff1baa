#include "server/live/session.hpp"

#include "server/core/on.hpp"
#include "server/identity/tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace studium::live {

namespace {

using rpc::failure;

std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// What went wrong, in words for whoever reads a console, and what to do next.
failure failure_of(error_code why) {
    using kind = failure::kind;
    if (why.category() != studium_category()) return {kind::internal, "internal error", "", 0};
    switch (static_cast<errc>(why.value())) {
    case errc::not_signed_in:
        return {kind::not_signed_in, "this token is not good (any longer): join again", "", 0};
    case errc::not_found: return {kind::not_found, "there is no such thing here", "", 0};
    case errc::forbidden: return {kind::forbidden, "this is not yours to do", "", 0};
    case errc::full: return {kind::full, "there is no place left", "", 0};
    case errc::rate_limited: return {kind::rate_limited, "too many at once: wait a moment", "", 1000};
    case errc::too_large: return {kind::too_large, "this is too large", "", 0};
    case errc::store_unavailable:
    case errc::indeterminate:
    case errc::timed_out:
        return {kind::store_unavailable, "nothing can be stored right now: try again, with the same id", "",
                1000};
    default: return {kind::internal, "internal error", "", 0};
    }
}

using answer = std::variant<rpc::result_value, failure>;

template <class T> answer answer_of(result<T> r) {
    if (!r) return failure_of(r.error());
    return rpc::result_value{std::move(*r)};
}

template <class... F> struct overload : F... {
    using F::operator()...;
};

class session final : public cohort::listener, public std::enable_shared_from_this<session> {
public:
    session(socket& s, const context& c)
        : socket_{&s}, home_{s.home()}, context_{c}, hello_timer_{home_.io()},
          requests_{c.limits.requests_per_second, c.limits.request_burst},
          joins_{c.limits.joins_per_minute / 60.0, c.limits.join_burst} {}

    void start();
    void on_message(websocket::opcode, std::string_view text);
    void on_close() noexcept;

    worker& home() noexcept override { return home_; }
    void deliver(const websocket::shared_frame& frame) override {
        if (socket_) socket_->send(frame);
    }

private:
    task<void> work();
    task<void> serve(std::string text);
    task<answer> handle(rpc::params);
    task<answer> on_hello(rpc::hello);
    task<answer> on_join(rpc::cohort_join);
    task<answer> on_leave();
    task<answer> on_groups();
    task<answer> on_open(group_id);
    task<answer> on_members();
    task<answer> on_send(rpc::messages_send);
    task<answer> on_history(rpc::messages_history);

    task<result<rpc::session>> sign_in(identity::session, std::optional<std::string> time_zone);
    void attach();
    void detach(bool cleanly);
    void tell(std::string text) { deliver(websocket::make_frame(websocket::opcode::text, text)); }
    void close(close_code why) {
        if (socket_) socket_->close(why);
    }

    socket* socket_; // null once it is gone
    worker& home_;
    const context& context_;
    asio::steady_timer hello_timer_;
    token_bucket requests_, joins_;
    std::deque<std::string> waiting_;
    bool working_ = false, greeted_ = false, attached_ = false, ended_ = false;
    unsigned malformed_ = 0, refusals_ = 0;

    std::string token_;
    std::optional<identity::session> who_;
    std::shared_ptr<cohort::cohort_room> cohort_; // used on cohort_home_ only
    worker* cohort_home_ = nullptr;
    std::optional<group_id> page_;
};

// ---------------------------------------------------------------- the socket

void session::start() {
    hello_timer_.expires_after(context_.limits.hello_timeout);
    hello_timer_.async_wait([me = weak_from_this()](error_code ec) {
        const auto self = me.lock();
        if (!ec && self && !self->greeted_) self->close(close_codes::no_hello);
    });
}

void session::on_message(websocket::opcode kind, std::string_view text) {
    if (kind != websocket::opcode::text) return close(close_codes::wrong_frame_kind);
    if (waiting_.size() >= context_.limits.max_waiting_requests) return close(close_codes::flooding);
    waiting_.emplace_back(text);
    if (std::exchange(working_, true)) return;
    asio::co_spawn(
        home_.executor(), [self = shared_from_this()]() -> task<void> { return self->work(); },
        asio::detached);
}

void session::on_close() noexcept {
    socket_ = nullptr;
    hello_timer_.cancel();
    waiting_.clear();
    detach(false);
}

task<void> session::work() {
    const auto self = shared_from_this(); // the socket may go while a request is being served
    while (!waiting_.empty() && socket_) {
        std::string text = std::move(waiting_.front());
        waiting_.pop_front();
        co_await serve(std::move(text));
    }
    working_ = false;
}

task<void> session::serve(std::string text) {
    auto read = rpc::read_request(text);
    if (const auto* bad = std::get_if<rpc::refused>(&read)) {
        tell(rpc::write_failure(bad->id, bad->why));
        const bool no_request =
            bad->why.what == failure::kind::parse || bad->why.what == failure::kind::invalid_request;
        if (no_request && ++malformed_ >= context_.limits.max_malformed) close(close_codes::malformed);
        co_return;
    }
    auto& request = std::get<rpc::request>(read);
    if (!requests_.take(token_bucket::clock::now())) {
        if (++refusals_ > context_.limits.max_refusals) co_return close(close_codes::flooding);
        const auto wait = static_cast<int>(requests_.wait().count());
        tell(rpc::write_failure(request.id,
                                {failure::kind::rate_limited, "too many requests: wait", "", wait}));
        co_return;
    }
    const auto answered = co_await handle(std::move(request.params));
    if (const auto* f = std::get_if<failure>(&answered))
        tell(rpc::write_failure(request.id, *f));
    else
        tell(rpc::write_result(request.id, std::get<rpc::result_value>(answered)));
    if (!ended_) co_return;
    tell(rpc::write_event(rpc::session_ended{rpc::session_ended::why::left}));
    close(close_codes::normal);
}

// ---------------------------------------------------------------- requests

task<answer> session::handle(rpc::params params) {
    const bool is_hello = std::holds_alternative<rpc::hello>(params);
    const bool is_join = std::holds_alternative<rpc::cohort_join>(params);
    if (!is_hello && !greeted_) co_return failure{failure::kind::invalid_request, "say hello first", "", 0};
    if ((is_hello || is_join) && who_)
        co_return failure{failure::kind::invalid_request, "signed in already: leave first", "", 0};
    if (!is_hello && !is_join && !who_) co_return failure_of(errc::not_signed_in);
    co_return co_await std::visit(overload{
                                      [&](rpc::hello& m) { return on_hello(std::move(m)); },
                                      [&](rpc::cohort_join& m) { return on_join(std::move(m)); },
                                      [&](rpc::cohort_leave&) { return on_leave(); },
                                      [&](rpc::groups_list&) { return on_groups(); },
                                      [&](rpc::group_open& m) { return on_open(std::move(m.group)); },
                                      [&](rpc::members_list&) { return on_members(); },
                                      [&](rpc::messages_send& m) { return on_send(std::move(m)); },
                                      [&](rpc::messages_history& m) { return on_history(std::move(m)); },
                                  },
                                  params);
}

task<answer> session::on_hello(rpc::hello m) {
    greeted_ = true;
    rpc::hello_result greeting{context_.server_name, now_ms(), std::nullopt};
    if (!m.token) co_return rpc::result_value{std::move(greeting)};
    auto found = co_await identity::find_session(context_.rooms->here().link(), *m.token);
    if (!found) co_return failure_of(found.error());
    token_ = *m.token;
    auto signed_in = co_await sign_in(std::move(*found), std::move(m.time_zone));
    if (!signed_in) co_return failure_of(signed_in.error());
    greeting.session = std::move(*signed_in);
    co_return rpc::result_value{std::move(greeting)};
}

task<answer> session::on_join(rpc::cohort_join m) {
    if (!joins_.take(token_bucket::clock::now())) {
        const auto wait = static_cast<int>(joins_.wait().count());
        co_return failure{failure::kind::rate_limited, "too many tries: wait a little", "code", wait};
    }
    auto& link = context_.rooms->here().link();
    const auto invited = co_await identity::find_invitation(link, m.code);
    if (!invited && invited.error() == errc::not_found)
        co_return failure{failure::kind::not_found,
                          "no class has this code: compare it with the one you were given", "code", 0};
    if (!invited) co_return failure_of(invited.error());
    const auto room = co_await open_cohort(context_, invited->cohort);
    if (!room) co_return failure_of(room.error());

    auto& room_home = context_.rooms->of("cohort:" + invited->cohort.str()).home();
    cohort::cohort_state::join wish{invited->school, m.name, m.group, person_id{identity::new_id("p")}};
    const auto seat = co_await on(room_home, (*room)->join(std::move(wish)));
    if (!seat && seat.error() == errc::full)
        co_return failure{failure::kind::full,
                          m.group ? "this group is full: leave out the group to be seated in another"
                                  : "every group of this class is full: tell your teacher",
                          m.group ? "group" : "code", 0};
    if (!seat && seat.error() == errc::not_found)
        co_return failure{failure::kind::not_found, "this class has no such group", "group", 0};
    if (!seat) co_return failure_of(seat.error());

    const auto group = co_await on(room_home, (*room)->group(seat->group));
    if (!group) co_return failure_of(group.error());
    identity::session mine{identity::standing::student, invited->cohort, seat->person, group->workspace};
    const std::string token = identity::new_token();
    const auto kept = co_await identity::keep_session(link, token, mine);
    if (!kept) co_return failure_of(kept.error());
    token_ = token;
    auto signed_in = co_await sign_in(std::move(mine), std::move(m.time_zone));
    if (!signed_in) co_return failure_of(signed_in.error());
    co_return rpc::result_value{rpc::cohort_join_result{token, std::move(*signed_in)}};
}

task<result<rpc::session>> session::sign_in(identity::session who, std::optional<std::string> time_zone) {
    if (who.as == identity::standing::members) co_return errc::forbidden; // opens workspaces, is nobody here
    const auto room = co_await open_cohort(context_, who.cohort);
    if (!room) co_return room.error();
    cohort_ = *room;
    cohort_home_ = &context_.rooms->of("cohort:" + who.cohort.str()).home();
    if (time_zone) {
        // A courtesy to the others: signing in does not hang on it.
        (void)co_await on(*cohort_home_, cohort_->say_time_zone(who.person, *time_zone));
    }
    auto found = co_await on(*cohort_home_, cohort_->session_of(who.person, std::nullopt));
    if (!found) co_return found.error();
    who_ = std::move(who);
    if (found->group) page_ = found->group->id;
    attach();
    // Read again: it now says that this person is here, and nothing that comes after it is missed.
    co_return co_await on(*cohort_home_, cohort_->session_of(who_->person, page_));
}

task<answer> session::on_leave() {
    const auto left = co_await on(*cohort_home_, cohort_->leave(who_->person));
    if (!left) co_return failure_of(left.error());
    // The seat is free; should the token outlive it, it opens nothing of the cohort any more.
    (void)co_await identity::end_session(context_.rooms->here().link(), token_);
    detach(true);
    who_.reset();
    page_.reset();
    ended_ = true;
    co_return rpc::result_value{rpc::nothing{}};
}

task<answer> session::on_groups() {
    if (who_->as != identity::standing::teacher) co_return failure_of(errc::forbidden);
    auto all = co_await on(*cohort_home_, cohort_->groups());
    if (!all) co_return failure_of(all.error());
    co_return rpc::result_value{rpc::groups_list_result{std::move(*all)}};
}

task<answer> session::on_open(group_id which) {
    if (who_->as != identity::standing::teacher) co_return failure_of(errc::forbidden);
    const auto turn = [](std::shared_ptr<session> self, group_id page) -> task<result<rpc::group>> {
        auto found = co_await self->cohort_->group(page);
        if (found) self->cohort_->turn_to(*self, page);
        co_return found;
    };
    auto opened = co_await on(*cohort_home_, turn(shared_from_this(), which));
    if (!opened) co_return failure_of(opened.error());
    page_ = which;
    co_return rpc::result_value{rpc::group_open_result{std::move(*opened)}};
}

task<answer> session::on_members() {
    if (!page_) co_return failure{failure::kind::invalid_request, "open a group first", "", 0};
    auto found = co_await on(*cohort_home_, cohort_->group(*page_));
    if (!found) co_return failure_of(found.error());
    co_return rpc::result_value{rpc::members_list_result{std::move(found->members)}};
}

task<answer> session::on_send(rpc::messages_send m) {
    if (!page_) co_return failure{failure::kind::invalid_request, "open a group first", "", 0};
    auto posted = co_await on(
        *cohort_home_, cohort_->post(who_->person, *page_, std::move(m.id), std::move(m.text), now_ms()));
    if (!posted) co_return failure_of(posted.error());
    co_return rpc::result_value{rpc::messages_send_result{std::move(*posted)}};
}

task<answer> session::on_history(rpc::messages_history m) {
    if (!page_) co_return failure{failure::kind::invalid_request, "open a group first", "", 0};
    const auto at = [](const std::optional<std::string>& text) {
        return text ? room::position::parse(*text) : std::nullopt;
    };
    auto page = co_await on(*cohort_home_, cohort_->history(*page_, m.limit, at(m.before), at(m.after)));
    if (!page) co_return failure_of(page.error());
    co_return rpc::result_value{rpc::messages_history_result{std::move(page->messages), page->more}};
}

// ---------------------------------------------------------------- presence

void session::attach() {
    if (std::exchange(attached_, true)) return;
    asio::post(cohort_home_->io(), [self = shared_from_this(), person = who_->person, page = page_] {
        self->cohort_->attach(self, person, page);
    });
    if (!socket_) detach(false); // it went while we signed in
}

void session::detach(bool cleanly) {
    if (!std::exchange(attached_, false)) return;
    asio::post(cohort_home_->io(),
               [self = shared_from_this(), cleanly] { self->cohort_->detach(*self, cleanly); });
}

class session_handler final : public socket_handler {
public:
    explicit session_handler(std::shared_ptr<session> s) : session_{std::move(s)} { session_->start(); }
    void on_message(websocket::opcode kind, std::string_view text) override {
        session_->on_message(kind, text);
    }
    void on_close() noexcept override { session_->on_close(); }

private:
    std::shared_ptr<session> session_;
};

} // namespace

std::unique_ptr<socket_handler> open_session(socket& s, const context& c) {
    return std::make_unique<session_handler>(std::make_shared<session>(s, c));
}

task<result<std::shared_ptr<cohort::cohort_room>>> open_cohort(const context& c, cohort_id which) {
    const std::string name = "cohort:" + which.str();
    auto& home = c.rooms->of(name);
    room::host::factory make = [&home, limits = c.limits.cohort](room::open_room& r) {
        return std::make_unique<cohort::cohort_room>(r, home.home(), limits);
    };
    auto open = co_await c.rooms->open(name, false, std::move(make));
    if (!open) co_return open.error();
    auto* const who = static_cast<cohort::cohort_room*>(&(*open)->who());
    co_return std::shared_ptr<cohort::cohort_room>{std::move(*open), who};
}

} // namespace studium::live
