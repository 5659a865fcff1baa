#include "server/room/host.hpp"

#include "server/redis/scripts.hpp"
#include "server/room/channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace studium::room {

namespace {

constexpr auto retry_pause = std::chrono::milliseconds{250};
constexpr unsigned seconds_between_beats = 3;

/// What an answer of Redis to an append means.
errc failure_of(const result<redis::reply>& r) {
    if (!r) return r.error() == errc::store_unavailable ? errc::store_unavailable : errc::indeterminate;
    if (r->is_nil()) return errc::conflict; // NOMKSTREAM: the log is gone
    if (r->is_error()) {
        // "The ID specified in XADD is equal or smaller": a newer epoch has begun.
        const bool id_is_old = r->text.find("equal or smaller") != std::string::npos;
        return id_is_old ? errc::conflict : errc::store_unavailable;
    }
    return errc::conflict;
}

std::optional<std::vector<position>> positions_of(const result<redis::reply>& r, bool checked) {
    if (!r || r->is_error() || r->is_nil()) return std::nullopt;
    std::vector<position> ids;
    if (!checked) {
        const auto id = position::parse(r->text);
        if (!id) return std::nullopt;
        return std::vector{*id};
    }
    if (r->items.empty() || r->items.front().number != 1) return std::nullopt;
    for (std::size_t i = 1; i < r->items.size(); ++i) {
        const auto id = position::parse(r->items[i].text);
        if (!id) return std::nullopt;
        ids.push_back(*id);
    }
    return ids;
}

} // namespace

host::host(worker& w, host_options options)
    : worker_{w}, options_{std::move(options)}, link_{w, options_.endpoint, options_.link},
      subscriber_{w, options_.endpoint, options_.link}, retry_timer_{w.io()}, second_timer_{w.io()} {}

host::~host() { alive_.reset(); }

void host::start() {
    link_.on_change([this](std::string_view run_id) { link_changed(!run_id.empty()); });
    link_.start();
    subscriber_.start();
    every_second();
}

// ---------------------------------------------------------------- rooms

task<result<std::shared_ptr<open_room>>> host::open(std::string name, bool commuting, factory make) {
    if (const auto known = rooms_.find(name); known != rooms_.end() && known->second->open_)
        co_return known->second;
    if (!link_.up()) co_return errc::store_unavailable;

    auto& place = rooms_[name];
    if (!place) {
        place = std::make_shared<open_room>(*this, name, commuting);
        place->start(make(*place));
        ++counters_.rooms_open;
        subscriber_.subscribe(
            place->channel_,
            [me = std::weak_ptr{place}] {
                if (const auto self = me.lock()) self->core_->channel_ready();
            },
            [this, me = std::weak_ptr{place}](std::string_view bytes) {
                const auto self = me.lock();
                const auto m = read_channel_message(bytes);
                if (!self || !m) return;
                if (m->node != options_.node) ++counters_.relays_of_other_nodes;
                self->core_->heard(*m);
            });
        place->core_->link_up();
    }
    const auto wanted = place;
    const auto timer = std::make_shared<asio::steady_timer>(worker_.io(), options_.open_timeout);
    openings_[name].push_back(timer);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    if (wanted->open_) co_return wanted;
    std::erase(openings_[name], timer);
    co_return link_.up() ? errc::timed_out : errc::store_unavailable;
}

void host::every_second() {
    second_timer_.expires_after(std::chrono::seconds{1});
    second_timer_.async_wait([this, alive = std::weak_ptr{alive_}](error_code ec) {
        if (ec || alive.expired()) return;
        const bool beat = ++seconds_ % seconds_between_beats == 0;
        for (auto it = rooms_.begin(); it != rooms_.end();) {
            auto& r = *it->second;
            r.occupant_->tick();
            if (beat) r.core_->beat();
            const bool unused = it->second.use_count() == 1 && r.core_->idle() && r.occupant_->deserted();
            r.deserted_ticks_ = unused ? r.deserted_ticks_ + 1 : 0;
            if (r.deserted_ticks_ < options_.unload_after_ticks) {
                ++it;
                continue;
            }
            r.core_->leave();
            subscriber_.unsubscribe(r.channel_);
            --counters_.rooms_open;
            it = rooms_.erase(it);
        }
        every_second();
    });
}

void host::leave_all() {
    for (const auto& [name, r] : rooms_) r->core_->leave();
}

bool host::idle() const {
    return appends_.empty() && appends_in_flight_ == 0 &&
           std::all_of(rooms_.begin(), rooms_.end(), [](const auto& r) { return r.second->core_->idle(); });
}

// ---------------------------------------------------------------- the way to Redis

void host::link_changed(bool up) {
    counters_.storage_up = up;
    // A room may come or go while it is told: a copy, and each room held.
    std::vector<std::shared_ptr<open_room>> all;
    all.reserve(rooms_.size());
    for (const auto& [name, open] : rooms_) all.push_back(open);
    for (const auto& r : all) {
        if (up)
            r->core_->link_up();
        else
            r->core_->link_down();
    }
}

void host::enqueue(std::shared_ptr<open_room> who, const append_request& what) {
    appends_.push_back({std::move(who), what});
    if (appends_in_flight_ != 0 || std::exchange(sending_, true)) return;
    worker_.at_end_of_turn([this, alive = std::weak_ptr{alive_}] {
        if (!alive.expired()) send_appends();
    });
}

void host::send_appends() {
    sending_ = false;
    if (appends_in_flight_ != 0 || appends_.empty()) return;
    const auto batch = std::exchange(appends_, {});
    appends_in_flight_ = batch.size();
    counters_.appends += batch.size();
    ++counters_.append_batches;
    for (const auto& [who, what] : batch) {
        const auto answered = [this, alive = std::weak_ptr{alive_}, room = who, number = what.number,
                               checked = what.checked](const result<redis::reply>& r) {
            if (alive.expired()) return;
            append_answered();
            if (const auto ids = positions_of(r, checked)) return room->core_->appended(number, *ids);
            ++counters_.append_failures;
            room->core_->append_failed(number, failure_of(r));
        };
        const std::string epoch = std::to_string(what.epoch);
        if (!what.checked) {
            const auto& change = what.changes.front();
            const std::string id = epoch + "-*";
            link_.command({"XADD", who->log_key_, "NOMKSTREAM", id, "o", change.origin, "p", change.payload},
                          answered);
            continue;
        }
        const std::string expected = what.expected.text();
        std::vector<std::string_view> arguments{expected, epoch};
        for (const auto& c : what.changes)
            arguments.insert(arguments.end(), {"2", "o", c.origin, "p", c.payload});
        const std::string_view keys[]{who->log_key_};
        link_.run_script(redis::compare_and_append, keys, arguments, answered);
    }
}

void host::append_answered() {
    if (--appends_in_flight_ != 0 || appends_.empty() || std::exchange(sending_, true)) return;
    worker_.at_end_of_turn([this, alive = std::weak_ptr{alive_}] {
        if (!alive.expired()) send_appends();
    });
}

void host::retry_soon(std::shared_ptr<open_room> who) {
    retries_.emplace_back(who);
    if (retries_.size() > 1) return;
    retry_timer_.expires_after(retry_pause);
    retry_timer_.async_wait([this, alive = std::weak_ptr{alive_}](error_code ec) {
        if (ec || alive.expired()) return;
        for (const auto& r : std::exchange(retries_, {}))
            if (const auto self = r.lock()) self->core_->retry();
    });
}

} // namespace studium::room
