#include "server/room/core.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace studium::room {

namespace {

constexpr std::size_t max_events_in_an_append = 256;
constexpr std::size_t bytes_of_a_command = 256; // what a decider that waits is counted as
constexpr int silent_beats_of_the_dead = 3;

std::string_view first_line(std::string_view text) {
    return text.substr(0, std::min(text.find('\n'), text.size()));
}

/// The origin without the word that only makes it unlike others.
std::string without_mark(const std::string& origin) { return origin.substr(0, origin.find(" ~")); }

} // namespace

core::core(settings s, state& what, actions& out) : settings_{std::move(s)}, state_{what}, out_{out} {}

// ---------------------------------------------------------------- changes on their way in

void core::submit(ticket who, std::string payload) {
    waiting w;
    w.who = who;
    w.bytes = payload.size();
    w.payload = std::move(payload);
    take(std::move(w));
}

void core::submit(ticket who, decider decide) {
    // Whoever asks for a decision waits for the answer: better a quick "not now" than a long silence.
    if (!available_ && phase_ != phase::opening) return out_.settled(who, errc::store_unavailable);
    waiting w;
    w.who = who;
    w.bytes = bytes_of_a_command;
    w.decide = std::move(decide);
    take(std::move(w));
}

void core::take(waiting w) {
    if (pending_bytes_ + w.bytes > settings_.max_pending_bytes)
        return out_.settled(w.who, available_ ? errc::rate_limited : errc::store_unavailable);
    pending_bytes_ += w.bytes;
    queue_.push_back(std::move(w));
    pump();
}

/// The last that is heard of it.
void core::answer(const waiting& item, result<position> how) {
    pending_bytes_ -= item.bytes;
    if (item.who != 0) out_.settled(item.who, how);
}

void core::pump() {
    while (phase_ == phase::live && !in_flight_ && !queue_.empty()) {
        flight f;
        f.request.number = ++attempts_;
        f.request.epoch = last_.epoch;
        f.origin = own_origin();
        settings_.commuting ? gather_commuting(f) : gather_checked(f);
        in_flight_ = std::move(f);
        if (in_flight_->request.changes.empty())
            settle_flight(); // nothing to store
        else
            out_.append(in_flight_->request);
    }
}

void core::gather_commuting(flight& f) {
    std::size_t bytes = 0;
    while (!queue_.empty() && (bytes == 0 || bytes + queue_.front().bytes <= settings_.max_append_bytes)) {
        bytes += queue_.front().bytes;
        f.items.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    if (f.items.size() == 1) {
        f.request.changes.push_back({f.origin, f.items.front().payload});
        return;
    }
    std::vector<std::string_view> payloads;
    payloads.reserve(f.items.size());
    for (const auto& item : f.items) payloads.emplace_back(item.payload);
    f.request.changes.push_back({f.origin, state_.merge(payloads)});
}

// Each command is decided against the state that the ones before it leave. Nobody is shown that state before
// it is stored; should the append be refused, the state is loaded again and all are decided anew.
void core::gather_checked(flight& f) {
    f.request.checked = true;
    f.request.expected = f.end = last_;
    authors told;     // by the items before those of one origin
    std::string with; // the origin of the item before
    while (!queue_.empty()) {
        const bool goes_on = !with.empty() && queue_.front().origin == with;
        // An origin tells of all its events at once whether they are stored: they aren't parted.
        if (!goes_on && f.request.changes.size() >= max_events_in_an_append) return;
        waiting item = std::move(queue_.front());
        queue_.pop_front();
        if (!goes_on) {
            told.note(with);
            with = item.origin;
        }
        if (!with.empty() && authors_.cover(with))
            answer(item, last_); // it had arrived, or another node was quicker to say it again
        else
            decide(f, std::move(item), !with.empty() && told.cover(with));
    }
}

void core::decide(flight& f, waiting item, bool told) {
    auto events = told ? std::vector<std::string>{} : item.decide(f.end.next());
    if (!events) return answer(item, events.error());
    // Two appends may say the same again: the mark tells them apart.
    const std::string origin = item.origin.empty() ? f.origin : item.origin + " ~" + f.origin;
    for (auto& event : *events) {
        f.end = f.end.next();
        state_.apply(f.end, event);
        f.request.changes.push_back({origin, std::move(event)});
    }
    item.end = f.end;
    f.items.push_back(std::move(item));
}

// ---------------------------------------------------------------- what the log answers

void core::appended(std::uint64_t number, const std::vector<position>& ids) {
    if (!in_flight_ || in_flight_->request.number != number ||
        ids.size() != in_flight_->request.changes.size())
        return;
    set_available(true);
    if (phase_ == phase::live && ids.front().is_right_after(last_)) {
        confirm(ids.back());
        consider_snapshot();
        return pump();
    }
    in_flight_->acknowledged = ids.back();
    if (phase_ == phase::live) fall_behind(false); // others' entries came in between: those first
}

void core::append_failed(std::uint64_t number, errc why) {
    if (!in_flight_ || in_flight_->request.number != number) return;
    in_flight_->unsent = true;
    if (why == errc::conflict) {
        if (phase_ == phase::live) fall_behind(!settings_.commuting);
        return;
    }
    set_available(false);
    if (link_up_) out_.retry_later();
}

void core::retry() {
    if (!link_up_) return;
    if (phase_ != phase::live) return start_reading(phase_ != phase::catching_up);
    // Redis refused to write: ask again with the very same append.
    if (in_flight_ && in_flight_->unsent) fall_behind(false);
}

/// The append in flight is stored right after last_, up to `end`.
void core::confirm(position end) {
    const auto& changes = in_flight_->request.changes;
    const std::uint64_t first = end.number + 1 - changes.size();
    std::vector<ticket> authors;
    for (const auto& item : in_flight_->items) authors.push_back(item.who);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const position at{end.epoch, first + i};
        if (settings_.commuting) state_.apply(at, changes[i].payload);
        advance(at, changes[i].origin, changes[i].payload);
        out_.stored(at, changes[i].payload, authors);
    }
    using kind = channel_message::kind;
    // Of several entries none may be known without the others: the peers read them.
    if (!peers_.empty() && changes.size() == 1)
        out_.publish({kind::entry, settings_.node, end, changes.front().origin, changes.front().payload});
    else if (!peers_.empty())
        out_.publish({kind::at, settings_.node, end, {}, {}});
    settle_flight();
}

void core::settle_flight() {
    const flight done = *std::exchange(in_flight_, std::nullopt);
    for (const auto& item : done.items) answer(item, settings_.commuting ? last_ : item.end);
}

/// Checked rooms: after the log was read anew, what it holds of the flight is settled, the rest is decided
/// again. It keeps its origin: others may have seen it in a log that has lost it since, and say it again.
void core::put_back_flight() {
    if (!in_flight_) return;
    flight back = *std::exchange(in_flight_, std::nullopt);
    for (auto item = back.items.rbegin(); item != back.items.rend(); ++item) {
        if (item->origin.empty()) item->origin = back.origin;
        queue_.push_front(std::move(*item));
    }
}

void core::send_flight_again() {
    in_flight_->unsent = in_flight_->looked_for = false;
    in_flight_->acknowledged.reset();
    in_flight_->request.number = ++attempts_;
    in_flight_->request.epoch = last_.epoch;
    in_flight_->request.expected = last_;
    // Unchecked, it may come to stand at one position of a log that lost its tail as it did before the loss,
    // after other entries: under one name the two pasts would look the same. (Where both arrive, twice is as
    // good as once.)
    if (settings_.commuting) in_flight_->origin = in_flight_->request.changes.front().origin = own_origin();
    out_.append(in_flight_->request);
}

std::string core::own_origin() const { return settings_.node + '.' + std::to_string(attempts_); }

// ---------------------------------------------------------------- one entry of the log

/// The next after last_, or the first of a new epoch.
void core::follow(const entry& e) {
    if (e.what == entry::kind::epoch) {
        last_ = e.at;
        last_origin_ = e.origin;
        return;
    }
    if (in_flight_ && in_flight_->origin == e.origin) return confirm(e.at); // commuting: its one change
    state_.apply(e.at, e.payload);
    advance(e.at, e.origin, e.payload);
    out_.stored(e.at, e.payload, {});
}

void core::advance(position at, const std::string& origin, std::string_view payload) {
    last_ = at;
    last_origin_ = origin;
    ++entries_since_snapshot_;
    bytes_since_snapshot_ += payload.size();
    if (settings_.commuting) return;
    authors_.note(origin);
    recent_.push_back({at, entry::kind::change, origin, std::string{payload}});
    recent_bytes_ += payload.size();
    while (recent_.size() > 2 * settings_.snapshot_after_entries ||
           recent_bytes_ > 4 * settings_.snapshot_after_bytes)
        forget_oldest();
}

void core::forget_oldest() {
    authors_before_.note(recent_.front().origin);
    recent_bytes_ -= recent_.front().payload.size();
    recent_.pop_front();
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
    // Who asked is told, unless it was sent once and may be in a log. What nobody asked for is told again,
    // and nobody else may remember it.
    for (auto& item : std::exchange(queue_, {})) {
        if (item.who != 0 && item.origin.empty())
            answer(item, errc::store_unavailable);
        else
            queue_.push_back(std::move(item));
    }
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
    }
    if (again && (phase_ == phase::live || phase_ == phase::catching_up)) fall_behind(again_with_snapshot);
}

/// Does the log still hold what is known here, up to last_?
core::past core::compare(const image& seen) const {
    const auto judge = [](bool is_same) { return is_same ? past::same : past::lost; };
    const auto is_last = [&](const entry& e) { return e.at == last_ && e.origin == last_origin_; };
    if (!seen.exists || seen.end < last_) return past::lost;
    if (seen.at_from && seen.at_from->at == last_) return judge(is_last(*seen.at_from));
    if (seen.snapshot_at && last_ < *seen.snapshot_at) { // trimmed, after some snapshot
        if (!reading_with_snapshot_) return past::unknown;
        return judge(settings_.commuting || authors_in(seen).cover(authors_));
    }
    return judge(reading_with_snapshot_ && std::any_of(seen.after.begin(), seen.after.end(), is_last));
}

/// Between last_ and the entries after it, or among them.
bool core::has_hole(const image& seen) const {
    position before = last_;
    return !seen.at_from || std::any_of(seen.after.begin(), seen.after.end(), [&](const entry& e) {
        const position previous = std::exchange(before, e.at);
        return !e.at.is_right_after(previous) && !(e.what == entry::kind::epoch && previous < e.at);
    });
}

/// A commuting room's flight may be anywhere, a checked one's only right after last_.
bool core::has_flight(const image& seen) const {
    if (!in_flight_) return false;
    const auto& changes = in_flight_->request.changes;
    const auto is_flight = [&](const entry& e) { return e.origin == changes.front().origin; };
    if (settings_.commuting) return std::any_of(seen.after.begin(), seen.after.end(), is_flight);
    return changes.size() <= seen.after.size() && is_flight(seen.after.front());
}

authors core::authors_in(const image& seen) const {
    authors all;
    if (!settings_.commuting) all.note(first_line(seen.snapshot));
    for (const auto& e : seen.after)
        if (e.what == entry::kind::change) all.note(e.origin);
    return all;
}

void core::load_image(const image& seen) {
    if (!settings_.commuting) {
        const auto line = first_line(seen.snapshot);
        authors_ = {};
        authors_.note(line);
        authors_before_ = authors_;
        recent_.clear();
        recent_bytes_ = 0;
        state_.load(std::string_view{seen.snapshot}.substr(std::min(line.size() + 1, seen.snapshot.size())));
    } else if (phase_ == phase::opening) {
        state_.load(seen.snapshot);
    } else if (!seen.snapshot.empty()) {
        state_.apply(*seen.snapshot_at, seen.snapshot); // what is known here may be more: a union
    }
    last_ = seen.snapshot_at.value_or(position{});
    last_origin_ = seen.at_from ? seen.at_from->origin : std::string{};
    snapshot_bytes_ = seen.snapshot.size();
    entries_since_snapshot_ = bytes_since_snapshot_ = 0;
    for (const auto& e : seen.after) {
        if (e.what == entry::kind::change) {
            state_.apply(e.at, e.payload);
            advance(e.at, e.origin, e.payload);
        }
        last_ = e.at;
        last_origin_ = e.origin;
    }
}

void core::open_from(const image& seen) {
    if (!seen.exists || (seen.snapshot_at && seen.end < *seen.snapshot_at)) return begin_epoch_after(seen);
    load_image(seen);
    out_.opened();
    become_live();
}

void core::catch_up_from(const image& seen) {
    const bool sent_in_order = !settings_.commuting && in_flight_ && !seen.after.empty();
    // What was decided before others wrote rests on a state that never came to be.
    if (has_hole(seen) || (sent_in_order && !has_flight(seen))) return fall_behind(true);
    auto next = seen.after.begin();
    if (sent_in_order) {
        next += static_cast<std::ptrdiff_t>(in_flight_->request.changes.size());
        confirm(std::prev(next)->at);
    }
    for (; next != seen.after.end(); ++next) follow(*next);
    become_live();
}

void core::reload_from(const image& seen) {
    const position before = last_;
    const bool told_whole = !seen.snapshot_at || *seen.snapshot_at <= before;
    // A snapshot does not tell whether it holds what is known here; where order does not matter, say it
    // again.
    if (settings_.commuting && !told_whole) append_everything();
    load_image(seen);
    for (const auto& e : seen.after)
        if (told_whole && e.what == entry::kind::change && before < e.at) out_.stored(e.at, e.payload, {});
    if (!told_whole) out_.history_changed();
    if (!settings_.commuting)
        put_back_flight();
    else if (has_flight(seen))
        settle_flight(); // if it was not met it is sent again: twice is as good as once
    become_live();
}

void core::become_live() {
    phase_ = phase::live;
    if (!in_flight_ || !in_flight_->unsent) set_available(true); // else once the log takes it
    consider_snapshot();
    if (!in_flight_) return pump();
    if (in_flight_->acknowledged && !std::exchange(in_flight_->looked_for, true)) return fall_behind(false);
    if (!in_flight_->unsent && !in_flight_->acknowledged) return; // its answer is on the way
    send_flight_again();
}

void core::set_available(bool now) {
    if (std::exchange(available_, now) != now) out_.storage_changed(now);
}

// ---------------------------------------------------------------- when the log lost something

void core::begin_epoch_after(const image& seen) {
    if (phase_ != phase::opening) phase_ = phase::recovering;
    if (std::exchange(epoch_refused_, false)) return out_.retry_later(); // it takes no writes
    std::uint64_t newest = std::max(last_.epoch, seen.end.epoch);
    if (seen.snapshot_at) newest = std::max(newest, seen.snapshot_at->epoch);
    ++attempts_;
    out_.begin_epoch(std::max(out_.wall_clock_ms(), newest + 1), own_origin(), last_.text());
}

void core::epoch_begun(bool won) {
    // Won or not: somebody has begun one, and nothing can be appended under an older epoch any more.
    epoch_refused_ = !won;
    start_reading(true);
}

void core::recover_from(const image& seen) {
    if (!seen.exists) return begin_epoch_after(seen);
    epoch_refused_ = false;
    std::deque<waiting> again;
    if (settings_.commuting)
        append_everything();
    else
        again = unstored(authors_in(seen));
    load_image(seen);
    out_.history_changed();
    if (!settings_.commuting)
        put_back_flight();
    else if (has_flight(seen))
        settle_flight();
    queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()),
                  std::make_move_iterator(again.end()));
    become_live();
}

/// Commuting rooms: the state here as one change. It only ever grows, so an older one that still waits is in
/// it.
void core::append_everything() {
    std::erase_if(queue_, [&](const waiting& item) {
        if (item.who == 0) pending_bytes_ -= item.bytes;
        return item.who == 0;
    });
    waiting everything;
    everything.payload = state_.snapshot();
    everything.bytes = everything.payload.size();
    pending_bytes_ += everything.bytes;
    queue_.push_front(std::move(everything));
}

core::waiting core::said_again(std::vector<std::string> events, std::string origin) {
    waiting w;
    for (const auto& e : events) w.bytes += e.size();
    pending_bytes_ += w.bytes;
    w.decide = [events = std::move(events)](position) { return events; };
    w.origin = std::move(origin);
    return w;
}

/// Checked rooms: what is known here and not in the log.
std::deque<core::waiting> core::unstored(const authors& stored) {
    if (!stored.cover(authors_before_)) return whole_story();
    std::deque<waiting> again;
    for (auto first = recent_.begin(); first != recent_.end();) {
        const auto end =
            std::find_if(first, recent_.end(), [&](const entry& e) { return e.origin != first->origin; });
        std::vector<std::string> events;
        for (auto e = first; e != end; ++e) events.push_back(e->payload);
        if (!stored.cover(first->origin))
            again.push_back(said_again(std::move(events), without_mark(first->origin)));
        first = end;
    }
    return again;
}

/// More is gone than is remembered one by one. The story names all that it stands for, so that another node
/// that knows no more keeps its own. The flight is part of it, too: the state holds its events already.
std::deque<core::waiting> core::whole_story() {
    authors known = authors_;
    if (in_flight_) {
        for (const auto& c : in_flight_->request.changes) known.note(c.origin);
        for (auto& item : in_flight_->items)
            item.decide = [](position) { return std::vector<std::string>{}; };
    }
    std::deque<waiting> again;
    again.push_back(said_again(state_.story(), known.origin()));
    return again;
}

// ---------------------------------------------------------------- snapshots

void core::consider_snapshot() {
    const bool worth_it = entries_since_snapshot_ >= settings_.snapshot_after_entries ||
                          bytes_since_snapshot_ >= std::max(settings_.snapshot_after_bytes, snapshot_bytes_);
    // While something is in flight a checked room's state is ahead of its log.
    const bool state_is_stored = settings_.commuting || !in_flight_;
    if (!worth_it || !state_is_stored || snapshot_in_flight_ || phase_ != phase::live || !link_up_) return;
    std::string snapshot = state_.snapshot();
    if (!settings_.commuting) snapshot.insert(0, authors_.origin() + '\n');
    snapshot_in_flight_ = true;
    snapshot_bytes_ = snapshot.size();
    entries_since_snapshot_ = bytes_since_snapshot_ = 0;
    out_.write_snapshot(last_, std::move(snapshot));
}

void core::snapshot_written(position upto, bool kept) {
    if (!std::exchange(snapshot_in_flight_, false) || !kept) return;
    while (!recent_.empty() && recent_.front().at <= upto) forget_oldest();
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
        hear_of_end(m.at); // it may know more than is known here
        break;
    case channel_message::kind::at: hear_of_end(m.at); break;
    case channel_message::kind::entry: hear_entry(m); break;
    case channel_message::kind::fleeting: out_.fleeting(m.node, m.payload); break;
    case channel_message::kind::beat:
    case channel_message::kind::bye: break;
    }
}

void core::hear_of_end(position at) {
    if (at <= last_) return;
    if (reading_) read_again_ = true; // perhaps written after the log was read
    // A checked room's append in flight finds out by itself.
    if (phase_ == phase::live && (settings_.commuting || !in_flight_)) fall_behind(false);
}

void core::hear_entry(const channel_message& m) {
    const bool in_turn =
        phase_ == phase::live && (settings_.commuting || !in_flight_) && m.at.is_right_after(last_);
    if (!in_turn) return hear_of_end(m.at);
    follow({m.at, entry::kind::change, m.origin, m.payload});
    consider_snapshot();
}

void core::meet(const std::string& node) {
    const auto known =
        std::find_if(peers_.begin(), peers_.end(), [&](const peer& p) { return p.node == node; });
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
    if (!peers_.empty() && link_up_)
        out_.publish({channel_message::kind::bye, settings_.node, last_, {}, {}});
}

} // namespace studium::room
