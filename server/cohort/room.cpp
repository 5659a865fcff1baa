#include "server/cohort/room.hpp"

#include "server/ops/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace studium::cohort {

namespace {
constexpr int ticks_to_come_back = 3;
constexpr unsigned ticks_between_presence = 5;
constexpr auto decision_limit = std::chrono::seconds{10};
} // namespace

cohort_room::cohort_room(room::open_room& r, worker& w, limits l) : room_{r}, worker_{w}, state_{l} {}

// ---------------------------------------------------------------- decisions

struct cohort_room::answer {
    explicit answer(worker& w) : done{w.io(), decision_limit} {}
    asio::steady_timer done;
    std::optional<result<room::position>> how;
};

task<result<room::position>> cohort_room::submit(room::decider decide) {
    const auto mine = std::make_shared<answer>(worker_);
    const auto ticket = ++last_ticket_;
    waiting_[ticket] = mine;
    room_.submit(ticket, std::move(decide));
    if (!mine->how) co_await mine->done.async_wait(asio::as_tuple(asio::use_awaitable));
    waiting_.erase(ticket);
    if (!mine->how) co_return errc::indeterminate; // perhaps stored; safe to ask again
    co_return *mine->how;
}

void cohort_room::settled(room::ticket ticket, result<room::position> how) {
    const auto it = waiting_.find(ticket);
    if (it == waiting_.end()) return;
    it->second->how = how;
    it->second->done.cancel();
}

namespace {

std::vector<std::string> write_all(const std::vector<event>& events) {
    std::vector<std::string> texts;
    texts.reserve(events.size());
    for (const auto& e : events) texts.push_back(write_event(e));
    return texts;
}

} // namespace

task<result<cohort_room::joined_person>> cohort_room::join(cohort_state::join who) {
    const auto seat = std::make_shared<joined_person>();
    room::decider decide = [this, who, seat](room::position) -> result<std::vector<std::string>> {
        const auto seated = state_.decide_join(who, presence());
        if (!seated) return seated.error();
        seat->person = seated->person;
        return write_all(seated->events);
    };
    const auto stored = co_await submit(std::move(decide));
    if (!stored) co_return stored.error();
    const auto* p = state_.find(seat->person);
    if (!p || !p->group) co_return errc::not_found;
    seat->group = *p->group;
    co_return *seat;
}

task<result<void>> cohort_room::leave(person_id who) {
    room::decider decide = [this, who](room::position) -> result<std::vector<std::string>> {
        const auto events = state_.decide_leave(who);
        if (!events) return events.error();
        return write_all(*events);
    };
    const auto stored = co_await submit(std::move(decide));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

task<result<void>> cohort_room::say_time_zone(person_id who, std::string zone) {
    room::decider decide = [this, who, zone](room::position) -> result<std::vector<std::string>> {
        const auto events = state_.decide_time_zone(who, zone);
        if (!events) return events.error();
        return write_all(*events);
    };
    const auto stored = co_await submit(std::move(decide));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

task<result<rpc::message>> cohort_room::post(person_id who, group_id where, std::string id, std::string text,
                                             std::int64_t now) {
    room::decider decide = [this, who, where, id, text,
                            now](room::position) -> result<std::vector<std::string>> {
        const auto events = state_.decide_message(who, where, id, text, now);
        if (!events) return events.error();
        return write_all(*events);
    };
    const auto stored = co_await submit(std::move(decide));
    if (!stored) co_return stored.error();
    const auto* g = state_.find(where);
    const auto posted = g ? state_.message(*g, id) : std::nullopt;
    if (!posted) co_return errc::not_found;
    co_return *posted;
}

task<result<void>> cohort_room::record(std::vector<event> events) {
    room::decider decide = [events](room::position) -> result<std::vector<std::string>> {
        return write_all(events);
    };
    const auto stored = co_await submit(std::move(decide));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

// ---------------------------------------------------------------- questions

/// `question` runs in the log's order, when everything that it can see is about to be stored; its answer is
/// given when it is. Asked anew if the log turns out to be elsewhere: the last answer counts.
template <class T> task<result<T>> cohort_room::ask(std::function<result<T>()> question) {
    const auto found = std::make_shared<std::optional<T>>();
    room::decider decide = [question = std::move(question),
                            found](room::position) -> result<std::vector<std::string>> {
        auto answer = question();
        if (!answer) return answer.error();
        *found = std::move(*answer);
        return std::vector<std::string>{};
    };
    const auto seen = co_await submit(std::move(decide));
    if (!seen) co_return seen.error();
    co_return std::move(**found);
}

task<result<rpc::session>> cohort_room::session_of(person_id who, std::optional<group_id> page) {
    return ask<rpc::session>([this, who = std::move(who), page = std::move(page)]() -> result<rpc::session> {
        const auto* p = state_.find(who);
        if (!p || p->has_left) return errc::not_signed_in;
        rpc::session found;
        found.me = state_.view(*p);
        found.cohort = {cohort_id{room_.name().substr(room_.name().find(':') + 1)}, state_.title()};
        const auto where = page ? page : p->group;
        if (const auto* g = where ? state_.find(*where) : nullptr) found.group = state_.view(*g, presence());
        found.storage = room_.storage_available();
        return found;
    });
}

task<result<std::vector<rpc::group>>> cohort_room::groups() {
    return ask<std::vector<rpc::group>>([this]() -> result<std::vector<rpc::group>> {
        std::vector<rpc::group> found;
        found.reserve(state_.groups().size());
        for (const auto& key : state_.groups()) found.push_back(state_.view(*state_.find(key), presence()));
        return found;
    });
}

task<result<rpc::group>> cohort_room::group(group_id which) {
    return ask<rpc::group>([this, which = std::move(which)]() -> result<rpc::group> {
        const auto* g = state_.find(which);
        if (!g) return errc::not_found;
        return state_.view(*g, presence());
    });
}

task<result<cohort_state::page>> cohort_room::history(group_id which, int limit,
                                                      std::optional<room::position> before,
                                                      std::optional<room::position> after) {
    return ask<cohort_state::page>(
        [this, which = std::move(which), limit, before, after]() -> result<cohort_state::page> {
            const auto* g = state_.find(which);
            if (!g) return errc::not_found;
            return state_.history(*g, limit, before, after);
        });
}

task<result<cohort_state>> cohort_room::copy() {
    return ask<cohort_state>([this]() -> result<cohort_state> { return state_; });
}

// ---------------------------------------------------------------- the log

void cohort_room::load(std::string_view snapshot) {
    if (!state_.load(snapshot)) log::error("cohort.snapshot_unreadable", {{"room", room_.name()}});
}

void cohort_room::apply(room::position at, std::string_view payload) {
    const auto e = read_event(payload);
    if (!e) return log::error("cohort.entry_unreadable", {{"room", room_.name()}, {"at", at.text()}});
    state_.apply(at, *e);
}

std::vector<std::string> cohort_room::story() { return write_all(state_.story()); }

void cohort_room::stored(room::position at, std::string_view payload, std::span<const room::ticket>) {
    const auto what = read_event(payload);
    if (!what) return;
    if (const auto* m = std::get_if<message_posted>(&*what)) {
        const auto* g = state_.find(m->group);
        const auto view = g ? state_.message(*g, m->id) : std::nullopt;
        // The same id posted twice by a race is one message, told once.
        if (view && view->at == at.text()) broadcast(m->group, rpc::messages_posted{*view});
    } else if (const auto* j = std::get_if<joined>(&*what)) {
        members_changed(j->person);
    } else if (const auto* l = std::get_if<left>(&*what)) {
        members_changed(l->person);
    } else if (const auto* z = std::get_if<time_zone_said>(&*what)) {
        members_changed(z->person);
    } else if (const auto* e = std::get_if<enrolled>(&*what)) {
        members_changed(e->person);
    }
}

void cohort_room::storage_changed(bool available) {
    broadcast(std::nullopt, rpc::storage_changed{available});
}

void cohort_room::history_changed() {
    std::set<group_id> pages;
    for (const auto& l : listeners_)
        if (l.page) pages.insert(*l.page);
    for (const auto& page : pages) members_changed(page);
}

// ---------------------------------------------------------------- who is here

void cohort_room::attach(std::shared_ptr<listener> who, person_id person, std::optional<group_id> page) {
    const bool news = !here(person);
    auto& c = here_[person];
    ++c.sockets;
    c.gone_ticks = 0;
    listeners_.push_back({std::move(who), person, std::move(page)});
    if (!news) return;
    members_changed(person);
    tell_peers();
}

void cohort_room::turn_to(const listener& who, group_id page) {
    for (auto& l : listeners_)
        if (l.who.get() == &who) l.page = page;
}

void cohort_room::detach(const listener& who, bool cleanly) {
    const auto it = std::find_if(listeners_.begin(), listeners_.end(),
                                 [&](const attached& a) { return a.who.get() == &who; });
    if (it == listeners_.end()) return;
    const person_id person = it->person;
    listeners_.erase(it);
    auto& c = here_[person];
    if (--c.sockets > 0) return;
    if (!cleanly) return; // tick() tells, unless the person is back by then
    here_.erase(person);
    members_changed(person);
    tell_peers();
}

void cohort_room::tick() {
    std::vector<person_id> gone;
    for (auto& [who, c] : here_)
        if (c.sockets == 0 && ++c.gone_ticks > ticks_to_come_back) gone.push_back(who);
    for (const auto& person : gone) {
        here_.erase(person);
        members_changed(person);
    }
    if (!gone.empty() || ++ticks_ % ticks_between_presence == 0) tell_peers();
}

bool cohort_room::here(const person_id& who) const {
    return here_.contains(who) || std::any_of(elsewhere_.begin(), elsewhere_.end(),
                                              [&](const auto& node) { return node.second.contains(who); });
}

is_here cohort_room::presence() const {
    return [this](const person_id& who) { return here(who); };
}

void cohort_room::members_changed(const person_id& who) {
    if (const auto* p = state_.find(who); p && p->group) members_changed(*p->group);
}

void cohort_room::members_changed(const group_id& which) {
    if (const auto* g = state_.find(which))
        broadcast(which, rpc::members_changed{which, state_.members(*g, presence())});
}

/// Encoded once; posted once per worker that has listeners, and not once per listener.
void cohort_room::broadcast(const std::optional<group_id>& page, const rpc::event& what) {
    std::map<worker*, std::vector<std::shared_ptr<listener>>> by_worker;
    for (const auto& l : listeners_)
        if (!page || l.page == page) by_worker[&l.who->home()].push_back(l.who);
    if (by_worker.empty()) return;
    const auto frame = websocket::make_frame(websocket::opcode::text, rpc::write_event(what));
    for (auto& [home, all] : by_worker) {
        auto deliver = [listening = std::move(all), frame] {
            for (const auto& l : listening) l->deliver(frame);
        };
        if (home == &worker_)
            deliver();
        else
            asio::post(home->io(), std::move(deliver));
    }
}

// ---------------------------------------------------------------- other nodes

void cohort_room::tell_peers() {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [id, unused] : here_) list.push_back(id.str());
    room_.say(list.dump());
}

void cohort_room::fleeting(std::string_view node, std::string_view payload) {
    const auto list = nlohmann::json::parse(payload, nullptr, false);
    if (!list.is_array()) return;
    std::set<person_id> now;
    for (const auto& item : list)
        if (item.is_string()) now.insert(person_id{item.get<std::string>()});
    auto& before = elsewhere_[std::string{node}];
    std::vector<person_id> changed;
    std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                  std::back_inserter(changed));
    before = std::move(now);
    for (const auto& person : changed) members_changed(person);
}

void cohort_room::peer_lost(std::string_view node) {
    const auto it = elsewhere_.find(node);
    if (it == elsewhere_.end()) return;
    const auto gone = std::exchange(it->second, {});
    elsewhere_.erase(it);
    for (const auto& person : gone) members_changed(person);
}

} // namespace studium::cohort
