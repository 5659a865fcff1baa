#include "server/room/core.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace studium::room {

namespace {
constexpr std::size_t max_events_in_an_append = 256;
constexpr int silent_beats_of_the_dead = 3;
constexpr std::size_t max_authors = 256;

/// "<node>.<number>" in its parts.
std::pair<std::string, std::uint64_t> parts_of(std::string_view origin) {
    const auto dot = std::min(origin.rfind('.'), origin.size());
    std::uint64_t number = 0;
    if (dot < origin.size()) std::from_chars(origin.data() + dot + 1, origin.data() + origin.size(), number);
    return {std::string{origin.substr(0, dot)}, number};
}

std::string_view first_line(std::string_view text) { return text.substr(0, std::min(text.find('\n'), text.size())); }

} // namespace

void authors::note(const std::string& origin) {
    auto newest = parts_of(origin);
    const auto known =
        std::find_if(newest_.begin(), newest_.end(), [&](const auto& a) { return a.first == newest.first; });
    if (known != newest_.end()) {
        newest.second = std::max(newest.second, known->second);
        newest_.erase(known);
    }
    newest_.push_back(std::move(newest));
    if (newest_.size() > max_authors) newest_.erase(newest_.begin());
}

bool authors::cover(const std::string& origin) const {
    const auto [node, number] = parts_of(origin);
    return std::any_of(newest_.begin(), newest_.end(),
                       [&, &n = node, &k = number](const auto& a) { return a.first == n && k <= a.second; });
}

std::vector<std::string> authors::missing_from(const authors& other) const {
    std::vector<std::string> missing;
    for (const auto& [node, number] : newest_) {
        auto origin = node + '.' + std::to_string(number);
        if (!other.cover(origin)) missing.push_back(std::move(origin));
    }
    return missing;
}

std::string authors::line() const {
    std::string text;
    for (const auto& [node, number] : newest_) text += node + '.' + std::to_string(number) + ' ';
    return text + '\n';
}

authors authors::of_line(std::string_view line) {
    authors all;
    while (!line.empty()) {
        const auto origin = line.substr(0, std::min(line.find(' '), line.size()));
        if (!origin.empty()) all.note(std::string{origin});
        line.remove_prefix(std::min(line.size(), origin.size() + 1));
    }
    return all;
}

core::core(settings s, state& what, actions& out) : settings_{std::move(s)}, state_{what}, out_{out} {}

// ---------------------------------------------------------------- changes on their way in

void core::submit(ticket who, std::string payload) {
    waiting w;
    w.who = who;
    w.payload = std::move(payload);
    take(std::move(w));
}

void core::submit(ticket who, decider decide) {
    // Whoever asks for a decision waits for the answer: better a quick "not now" than a long silence.
    if (!available_ && phase_ != phase::opening) return out_.settled(who, errc::store_unavailable);
    waiting w;
    w.who = who;
    w.decide = std::move(decide);
    take(std::move(w));
}

void core::take(waiting w) {
    if (pending_bytes_ + w.payload.size() > settings_.max_pending_bytes)
        return out_.settled(w.who, available_ ? errc::rate_limited : errc::store_unavailable);
    pending_bytes_ += w.payload.size();
    queue_.push_back(std::move(w));
    pump();
}

void core::pump() {
    if (phase_ != phase::live || in_flight_ || queue_.empty()) return;
    flight f;
    f.request.number = ++attempts_;
    f.request.epoch = last_.epoch;
    if (settings_.commuting)
        gather_commuting(f);
    else
        gather_checked(f);
    const bool nothing_to_store = f.request.changes.empty();
    in_flight_ = std::move(f);
    if (nothing_to_store) return settle_flight();
    out_.append(in_flight_->request);
}

void core::gather_commuting(flight& f) {
    const std::string origin = own_origin();
    std::size_t bytes = 0;
    while (!queue_.empty() && (bytes == 0 || bytes + queue_.front().payload.size() <= settings_.max_append_bytes)) {
        bytes += queue_.front().payload.size();
        f.items.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    if (f.items.size() == 1) {
        f.request.changes.push_back({origin, f.items.front().payload});
        return;
    }
    std::vector<std::string_view> payloads;
    payloads.reserve(f.items.size());
    for (const auto& item : f.items) payloads.emplace_back(item.payload);
    f.request.changes.push_back({origin, state_.merge(payloads)});
}

// Each command is decided against the state that the ones before it leave. Nobody is shown that state before it
// is stored; should the append be refused, the state is loaded again and all are decided anew.
void core::gather_checked(flight& f) {
    const std::string origin = f.origin = own_origin();
    f.request.checked = true;
    f.request.expected = last_;
    position end = last_;
    while (!queue_.empty() && f.request.changes.size() < max_events_in_an_append) {
        waiting item = std::move(queue_.front());
        queue_.pop_front();
        if (!item.origin.empty() && authors_.cover(item.origin)) continue; // another node was quicker
        auto events = item.decide(end.next());
        if (!events) {
            out_.settled(item.who, events.error());
            continue;
        }
        for (auto& event : *events) {
            end = end.next();
            state_.apply(end, event);
            f.request.changes.push_back({item.origin.empty() ? origin : item.origin, std::move(event)});
        }
        item.end = end;
        f.items.push_back(std::move(item));
    }
}

// ---------------------------------------------------------------- what the log answers

void core::appended(std::uint64_t number, const std::vector<position>& ids) {
    if (!in_flight_ || in_flight_->request.number != number || ids.size() != in_flight_->request.changes.size())
        return;
    set_available(true);
    if (phase_ == phase::live && ids.front().is_right_after(last_)) {
        confirm(ids.back());
        return pump();
    }
    in_flight_->acknowledged = ids.back();
    if (phase_ == phase::live) fall_behind(false); // others' entries came in between: those first
}

void core::append_failed(std::uint64_t number, errc why) {
    if (!in_flight_ || in_flight_->request.number != number) return;
    if (why == errc::conflict) {
        in_flight_->unsent = true;
        if (phase_ == phase::live) fall_behind(!settings_.commuting);
        return;
    }
    in_flight_->unsent = true;
    set_available(false);
    if (link_up_) out_.retry_later();
}

void core::retry() {
    if (!link_up_) return;
    if (phase_ == phase::saving) return save_state();
    if (phase_ != phase::live) return start_reading(phase_ != phase::catching_up);
    // Redis refused to write: ask again with the very same append.
    if (in_flight_ && in_flight_->unsent) fall_behind(false);
}

/// The append in flight is stored up to `end`, and what was not met yet comes right after last_.
void core::confirm(position end) {
    const auto& changes = in_flight_->request.changes;
    const std::uint64_t first = end.number + 1 - changes.size();
    std::vector<ticket> authors;
    for (const auto& item : in_flight_->items) authors.push_back(item.who);
    for (std::size_t i = in_flight_->found; i < changes.size(); ++i) {
        const position at{end.epoch, first + i};
        if (settings_.commuting) state_.apply(at, changes[i].payload);
        advance(at, changes[i].origin, changes[i].payload);
        out_.stored(at, changes[i].payload, authors);
        if (!peers_.empty())
            out_.publish({channel_message::kind::entry, settings_.node, at, changes[i].origin, changes[i].payload});
    }
    settle_flight();
    consider_snapshot();
}

void core::settle_flight() {
    const flight done = *std::exchange(in_flight_, std::nullopt);
    for (const auto& item : done.items) {
        pending_bytes_ -= item.payload.size();
        if (item.who != 0) out_.settled(item.who, settings_.commuting ? last_ : item.end);
    }
    if (done.request.changes.empty()) pump();
}

/// After the log was read anew: what it holds of the flight is settled, the rest is decided again.
void core::put_back_flight() {
    if (!in_flight_) return;
    flight back = *std::exchange(in_flight_, std::nullopt);
    for (auto item = back.items.rbegin(); item != back.items.rend(); ++item) {
        if (!authors_.cover(item->origin.empty() ? back.origin : item->origin))
            queue_.push_front(std::move(*item));
        else if (item->who != 0)
            out_.settled(item->who, item->end);
    }
}

void core::advance(position at, const std::string& origin, std::string_view payload) {
    last_ = at;
    last_origin_ = origin;
    ++entries_since_snapshot_;
    bytes_since_snapshot_ += payload.size();
    if (settings_.commuting) return;
    authors_.note(origin);
    recent_.push_back({at, entry::kind::change, origin, std::string{payload}});
}

std::string core::own_origin() const { return settings_.node + '.' + std::to_string(attempts_); }

bool core::in_flight(const std::string& origin) const {
    return in_flight_ && std::any_of(in_flight_->request.changes.begin(), in_flight_->request.changes.end(),
                                     [&](const change& c) { return c.origin == origin; });
}

/// One entry of the log, right after last_ or the first of a new epoch.
void core::follow(const entry& e) {
    if (e.what == entry::kind::epoch) {
        last_ = e.at;
        last_origin_ = e.origin;
        return;
    }
    if (in_flight(e.origin)) {
        if (in_flight_->found + 1 == in_flight_->request.changes.size()) return confirm(e.at);
        advance(e.at, e.origin, e.payload);
        out_.stored(e.at, e.payload, {});
        ++in_flight_->found;
        return;
    }
    state_.apply(e.at, e.payload);
    advance(e.at, e.origin, e.payload);
    out_.stored(e.at, e.payload, {});
    consider_snapshot();
}

// ---------------------------------------------------------------- reading the log

void core::link_up() {
    link_up_ = true;
    if (phase_ != phase::opening) phase_ = phase::catching_up;
    start_reading(phase_ == phase::opening);
}

void core::link_down() {
    link_up_ = false;
    reading_ = read_again_ = snapshot_in_flight_ = false;
    if (phase_ != phase::opening) phase_ = phase::catching_up;
    if (in_flight_) {
        in_flight_->unsent = true;
        in_flight_->acknowledged.reset();
    }
    set_available(false);
    if (settings_.commuting) return;
    // Those who asked are told; what is appended again has nobody else who remembers it.
    std::vector<ticket> refused;
    std::erase_if(queue_, [&](const waiting& item) {
        if (item.who != 0) refused.push_back(item.who);
        return item.who != 0;
    });
    for (const auto who : refused) out_.settled(who, errc::store_unavailable);
}

void core::fall_behind(bool with_snapshot) {
    phase_ = phase::catching_up;
    start_reading(with_snapshot);
}

void core::start_reading(bool with_snapshot) {
    if (!link_up_) return;
    if (reading_) {
        read_again_ = true;
        read_again_with_snapshot_ |= with_snapshot;
        return;
    }
    reading_ = true;
    reading_with_snapshot_ = with_snapshot;
    out_.read(last_, with_snapshot);
}

void core::read_failed() {
    reading_ = false;
    if (link_up_) out_.retry_later();
}

void core::read_done(image seen) {
    if (!reading_) return; // of a connection that is gone
    reading_ = false;
    const bool again = std::exchange(read_again_, false);
    const bool again_with_snapshot = std::exchange(read_again_with_snapshot_, false);
    switch (phase_) {
    case phase::opening: open_from(seen); break;
    case phase::live:
    case phase::catching_up:
        switch (compare(seen)) {
        case past::lost: begin_epoch_after(seen); break;
        case past::unknown: fall_behind(true); break;
        case past::same: reading_with_snapshot_ ? reload_from(seen) : catch_up_from(seen); break;
        }
        break;
    case phase::recovering: recover_from(seen); break;
    case phase::saving: break;
    }
    if (again && (phase_ == phase::live || phase_ == phase::catching_up)) fall_behind(again_with_snapshot);
}

/// Does the log still hold what is known here, up to last_?
core::past core::compare(const image& seen) const {
    const auto judge = [](bool is_same) { return is_same ? past::same : past::lost; };
    if (!seen.exists || seen.end < last_) return past::lost;
    if (seen.at_from && seen.at_from->at == last_) return judge(seen.at_from->origin == last_origin_);
    if (seen.snapshot_at && last_ < *seen.snapshot_at) { // trimmed, after some snapshot
        if (!reading_with_snapshot_) return past::unknown;
        return judge(settings_.commuting || authors_in(seen).cover(last_origin_));
    }
    return judge(reading_with_snapshot_ && std::any_of(seen.after.begin(), seen.after.end(), [&](const entry& e) {
                     return e.at == last_ && e.origin == last_origin_;
                 }));
}

void core::load_image(const image& seen) {
    if (!settings_.commuting) {
        const auto line = first_line(seen.snapshot);
        authors_ = authors::of_line(line);
        state_.load(std::string_view{seen.snapshot}.substr(std::min(line.size() + 1, seen.snapshot.size())));
    } else if (phase_ == phase::opening) {
        state_.load(seen.snapshot);
    } else if (!seen.snapshot.empty()) {
        state_.apply(*seen.snapshot_at, seen.snapshot); // what is known here may be more: a union
    }
    last_ = seen.snapshot_at.value_or(position{});
    last_origin_ = seen.at_from ? seen.at_from->origin : std::string{};
    snapshot_at_ = seen.snapshot_at;
    snapshot_bytes_ = seen.snapshot.size();
    entries_since_snapshot_ = bytes_since_snapshot_ = 0;
    recent_.clear();
    for (const auto& e : seen.after) {
        if (e.what == entry::kind::change) {
            state_.apply(e.at, e.payload);
            advance(e.at, e.origin, e.payload);
        }
        last_ = e.at;
        last_origin_ = e.origin;
    }
}

authors core::authors_in(const image& seen) const {
    authors all = settings_.commuting ? authors{} : authors::of_line(first_line(seen.snapshot));
    for (const auto& e : seen.after)
        if (e.what == entry::kind::change) all.note(e.origin);
    return all;
}

std::string core::whole_snapshot() {
    return settings_.commuting ? state_.snapshot() : authors_.line() + state_.snapshot();
}

void core::open_from(const image& seen) {
    if (!seen.exists || (seen.snapshot_at && seen.end < *seen.snapshot_at)) return begin_epoch_after(seen);
    load_image(seen);
    become_live();
    out_.opened();
    consider_snapshot();
}

void core::catch_up_from(const image& seen) {
    const bool others_wrote = std::any_of(seen.after.begin(), seen.after.end(), [&](const entry& e) {
        return e.what == entry::kind::epoch || !in_flight(e.origin);
    });
    // What was decided rests on a state that never came to be.
    const bool decided_in_vain = !settings_.commuting && in_flight_ && others_wrote;
    position expected = last_;
    bool hole = !seen.at_from;
    for (const auto& e : seen.after) {
        hole = hole || !(e.at.is_right_after(expected) || (e.what == entry::kind::epoch && expected < e.at));
        expected = e.at;
    }
    if (decided_in_vain || hole) return fall_behind(true);
    for (const auto& e : seen.after) follow(e);
    become_live();
}

void core::reload_from(const image& seen) {
    const position before = last_;
    const bool told_whole = !seen.snapshot_at || *seen.snapshot_at <= before;
    // A snapshot does not tell whether it holds what is known here; where order does not matter, say it again.
    if (settings_.commuting && !told_whole) append_everything();
    load_image(seen);
    for (const auto& e : seen.after)
        if (told_whole && e.what == entry::kind::change && before < e.at) out_.stored(e.at, e.payload, {});
    if (!told_whole) out_.history_changed();
    if (settings_.commuting) {
        // Sent again if it was not met: twice is as good as once.
        const bool met = std::any_of(seen.after.begin(), seen.after.end(),
                                     [&](const entry& e) { return in_flight(e.origin); });
        if (met) settle_flight();
    } else {
        put_back_flight();
    }
    become_live();
}

void core::become_live() {
    if (must_save_) return save_state();
    phase_ = phase::live;
    set_available(true);
    if (!in_flight_) return pump();
    if (in_flight_->acknowledged && !std::exchange(in_flight_->looked_for, true)) return fall_behind(false);
    if (!in_flight_->unsent && !in_flight_->acknowledged) return; // its answer is on the way
    send_flight_again();
}

void core::send_flight_again() {
    in_flight_->unsent = in_flight_->looked_for = false;
    in_flight_->acknowledged.reset();
    in_flight_->request.number = ++attempts_;
    in_flight_->request.epoch = last_.epoch;
    in_flight_->request.expected = last_;
    out_.append(in_flight_->request);
}

void core::set_available(bool now) {
    if (std::exchange(available_, now) != now) out_.storage_changed(now);
}

// ---------------------------------------------------------------- when the log lost something

void core::begin_epoch_after(const image& seen) {
    if (phase_ != phase::opening) phase_ = phase::recovering;
    std::uint64_t newest = std::max(last_.epoch, seen.end.epoch);
    if (seen.snapshot_at) newest = std::max(newest, seen.snapshot_at->epoch);
    ++attempts_;
    out_.begin_epoch(std::max(out_.wall_clock_ms(), newest + 1), own_origin(), last_.text());
}

void core::epoch_begun(bool) {
    // Won or not: somebody has begun one, and nothing can be appended under an older epoch any more.
    start_reading(true);
}

void core::append_everything() {
    waiting everything;
    everything.payload = state_.snapshot();
    pending_bytes_ += everything.payload.size();
    queue_.push_front(std::move(everything));
}

void core::recover_from(const image& seen) {
    if (!seen.exists) return begin_epoch_after(seen);
    const authors stored = authors_in(seen);
    const auto in_log = [&](const std::string& origin) { return stored.cover(origin); };
    if (settings_.commuting) {
        append_everything();
        if (in_flight_ && in_log(in_flight_->request.changes.front().origin)) settle_flight();
        load_image(seen);
        out_.history_changed();
        return become_live();
    }
    // Gone, and older than what is remembered one by one.
    const auto gone = authors_.missing_from(stored);
    const bool snapshot_lost = std::any_of(gone.begin(), gone.end(), [&](const std::string& origin) {
        return std::none_of(recent_.begin(), recent_.end(), [&](const entry& r) { return r.origin == origin; });
    });
    if (in_flight_) authors_.note(in_flight_->origin); // its events are part of the state here
    const bool others_wrote = !stored.missing_from(authors_).empty();
    if (snapshot_lost && !others_wrote) {
        must_save_ = true;
        last_ = seen.end;
        last_origin_ = seen.after.empty() ? std::string{} : seen.after.back().origin;
        return save_state();
    }
    std::deque<waiting> again;
    const auto say_again = [&](std::vector<std::string> events, const std::string& origin) {
        waiting w;
        w.decide = [events = std::move(events)](position) { return events; };
        w.origin = origin;
        again.push_back(std::move(w));
    };
    if (snapshot_lost) {
        say_again(state_.story(), {});
    } else {
        for (const auto& r : recent_)
            if (!in_log(r.origin)) say_again({r.payload}, r.origin);
    }
    load_image(seen);
    put_back_flight();
    queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
    out_.history_changed();
    become_live();
}

// ---------------------------------------------------------------- snapshots

void core::consider_snapshot() {
    const bool worth_it = entries_since_snapshot_ >= settings_.snapshot_after_entries ||
                          bytes_since_snapshot_ >= std::max(settings_.snapshot_after_bytes, snapshot_bytes_);
    // While something is in flight a checked room's state is ahead of its log.
    const bool state_is_stored = settings_.commuting || !in_flight_;
    if (!worth_it || !state_is_stored || snapshot_in_flight_ || phase_ != phase::live || !link_up_) return;
    std::string snapshot = whole_snapshot();
    snapshot_in_flight_ = true;
    snapshot_bytes_ = snapshot.size();
    entries_since_snapshot_ = bytes_since_snapshot_ = 0;
    out_.write_snapshot(last_, std::move(snapshot));
}

void core::snapshot_written(position upto, bool kept) {
    if (!std::exchange(snapshot_in_flight_, false)) return;
    if (kept) {
        snapshot_at_ = upto;
        while (!recent_.empty() && recent_.front().at <= upto) recent_.pop_front();
    }
    if (phase_ != phase::saving) return;
    must_save_ = false;
    if (!kept) { // another node saved what it knows under this epoch: look again
        phase_ = phase::recovering;
        return out_.retry_later();
    }
    if (in_flight_) settle_flight(); // its events are part of what was saved
    out_.history_changed();
    become_live();
}

void core::save_state() {
    phase_ = phase::saving;
    snapshot_in_flight_ = true;
    out_.write_snapshot(last_, whole_snapshot());
}

// ---------------------------------------------------------------- other nodes

void core::channel_ready() {
    out_.publish({channel_message::kind::hello, settings_.node, last_, {}, {}});
    // Something may have been said while nobody listened here.
    if (phase_ == phase::live && !peers_.empty()) fall_behind(false);
}

void core::say(std::string payload) {
    if (!peers_.empty())
        out_.publish({channel_message::kind::fleeting, settings_.node, last_, {}, std::move(payload)});
}

void core::heard(const channel_message& m) {
    if (m.node == settings_.node) return;
    if (m.what == channel_message::kind::bye) return part(m.node);
    meet(m.node);
    switch (m.what) {
    case channel_message::kind::hello:
        if (phase_ == phase::opening) break;
        out_.publish({channel_message::kind::at, settings_.node, last_, {}, {}});
        [[fallthrough]]; // it may know more than is known here
    case channel_message::kind::at:
        if (last_ < m.at && phase_ == phase::live && !(in_flight_ && !settings_.commuting)) fall_behind(false);
        break;
    case channel_message::kind::entry: {
        if (m.at <= last_ && phase_ != phase::opening) break;
        if (phase_ != phase::live) {
            if (reading_) read_again_ = true; // perhaps written after the log was read
            break;
        }
        if (!settings_.commuting && in_flight_) break; // the append in flight finds out by itself
        if (m.at.is_right_after(last_))
            follow({m.at, entry::kind::change, m.origin, m.payload});
        else
            fall_behind(false);
        break;
    }
    case channel_message::kind::fleeting: out_.fleeting(m.node, m.payload); break;
    case channel_message::kind::beat:
    case channel_message::kind::bye: break;
    }
}

void core::meet(const std::string& node) {
    const auto known = std::find_if(peers_.begin(), peers_.end(), [&](const peer& p) { return p.node == node; });
    if (known != peers_.end()) {
        known->silent_beats = 0;
        return;
    }
    peers_.push_back({node, 0});
    out_.peer_joined(node);
}

void core::part(const std::string& node) {
    if (std::erase_if(peers_, [&](const peer& p) { return p.node == node; }) != 0) out_.peer_lost(node);
}

void core::published_to(std::int64_t receivers) {
    // One receiver is this node's own subscription: nobody else is there (any longer).
    if (receivers > 1 || !link_up_) return;
    for (const auto& p : std::exchange(peers_, {})) out_.peer_lost(p.node);
}

void core::beat() {
    if (peers_.empty() || !link_up_) return;
    out_.publish({channel_message::kind::beat, settings_.node, last_, {}, {}});
    std::vector<std::string> dead;
    for (auto& p : peers_)
        if (++p.silent_beats > silent_beats_of_the_dead) dead.push_back(p.node);
    for (const auto& node : dead) part(node);
}

void core::leave() {
    if (!peers_.empty() && link_up_) out_.publish({channel_message::kind::bye, settings_.node, last_, {}, {}});
}

} // namespace studium::room
