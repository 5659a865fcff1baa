#include "server/room/open_room.hpp"

#include "server/redis/scripts.hpp"
#include "server/room/channel.hpp"
#include "server/room/host.hpp"

#include <chrono>
#include <utility>

namespace studium::room {

namespace {

// Field names of a log entry are one letter each: they are paid for with every edit.
// o: origin, p: payload, k: kind ("e", an epoch's first entry; absent: a change).

std::optional<entry> entry_of(const redis::reply& item) {
    if (item.items.size() != 2) return std::nullopt;
    const auto at = position::parse(item.items[0].text);
    const auto& fields = item.items[1].items;
    if (!at || fields.size() % 2 != 0) return std::nullopt;
    entry e;
    e.at = *at;
    for (std::size_t i = 0; i < fields.size(); i += 2) {
        if (fields[i].text == "o") e.origin = fields[i + 1].text;
        if (fields[i].text == "p") e.payload = fields[i + 1].text;
        if (fields[i].text == "k" && fields[i + 1].text == "e") e.what = entry::kind::epoch;
    }
    return e;
}

std::optional<image> image_of(const redis::reply& r) {
    if (r.items.size() != 6) return std::nullopt;
    image seen;
    seen.exists = r.items[0].number == 1;
    seen.end = position::parse(r.items[1].text).value_or(position{});
    seen.snapshot_at = position::parse(r.items[2].text);
    seen.snapshot = r.items[3].text;
    if (!r.items[4].items.empty()) seen.at_from = entry_of(r.items[4].items.front());
    seen.after.reserve(r.items[5].items.size());
    for (const auto& item : r.items[5].items) {
        auto e = entry_of(item);
        if (!e) return std::nullopt;
        seen.after.push_back(std::move(*e));
    }
    return seen;
}

} // namespace

open_room::open_room(host& h, std::string name, bool commuting)
    : host_{h}, name_{std::move(name)}, log_key_{"studium:{" + name_ + "}:log"},
      snapshot_key_{"studium:{" + name_ + "}:snapshot"}, channel_{"studium:{" + name_ + "}:channel"},
      commuting_{commuting} {}

void open_room::start(std::unique_ptr<occupant> who) {
    occupant_ = std::move(who);
    settings s = host_.options_.room;
    s.commuting = commuting_;
    s.node = host_.options_.node;
    core_ = std::make_unique<core>(std::move(s), *occupant_, static_cast<actions&>(*this));
}

void open_room::append(const append_request& request) { host_.enqueue(shared_from_this(), request); }

void open_room::read(position from, bool with_snapshot) {
    const std::string from_text = from.text();
    const std::string_view keys[]{log_key_, snapshot_key_};
    const std::string_view arguments[]{from_text, with_snapshot ? "1" : "0"};
    host_.link_.run_script(redis::read_room, keys, arguments,
                           [me = weak_from_this()](result<redis::reply> r) {
                               const auto self = me.lock();
                               if (!self) return;
                               auto seen = r && !r->is_error() ? image_of(*r) : std::nullopt;
                               if (seen)
                                   self->core_->read_done(std::move(*seen));
                               else
                                   self->core_->read_failed();
                           });
}

void open_room::begin_epoch(std::uint64_t epoch, const std::string& origin, const std::string& payload) {
    const std::string id = std::to_string(epoch) + "-0";
    host_.link_.command({"XADD", log_key_, id, "k", "e", "o", origin, "p", payload},
                        [me = weak_from_this()](result<redis::reply> r) {
                            const auto self = me.lock();
                            if (!self) return;
                            // An error is somebody else's newer epoch, or a Redis that refuses writes: the
                            // read that follows tells which.
                            if (r)
                                self->core_->epoch_begun(!r->is_error());
                            else
                                self->core_->read_failed();
                        });
}

void open_room::write_snapshot(position upto, std::string snapshot) {
    const std::string epoch = std::to_string(upto.epoch), number = std::to_string(upto.number);
    const std::string_view keys[]{snapshot_key_};
    const std::string_view arguments[]{epoch, number, snapshot};
    host_.link_.run_script(
        redis::write_snapshot, keys, arguments,
        [me = weak_from_this(), upto, snapshot = std::move(snapshot)](result<redis::reply> r) {
            const auto self = me.lock();
            if (!self) return;
            if (r && !r->is_error() && r->number == 1)
                self->verify_snapshot(upto, snapshot);
            else
                self->core_->snapshot_written(upto, false);
        });
}

/// Only what was read back is relied on: trimming the log is the one step that can't be taken back.
void open_room::verify_snapshot(position upto, const std::string& snapshot) {
    host_.link_.command({"HMGET", snapshot_key_, "at", "data"},
                        [me = weak_from_this(), upto, snapshot](result<redis::reply> r) {
                            const auto self = me.lock();
                            if (!self) return;
                            const bool same = r && r->items.size() == 2 && r->items[0].text == upto.text() &&
                                              r->items[1].text == snapshot;
                            if (same) self->trim(upto);
                            self->core_->snapshot_written(upto, same);
                        });
}

void open_room::trim(position upto) {
    ++host_.counters_.snapshots;
    // By exact id, never by time. The entry at `upto` stays: it tells a follower that its past is still this
    // one.
    host_.link_.command({"XTRIM", log_key_, "MINID", "=", upto.text()}, [](const result<redis::reply>&) {});
}

void open_room::publish(const channel_message& m) {
    const std::string bytes = write_channel_message(m);
    const bool counts = m.what != channel_message::kind::hello;
    host_.link_.command({"PUBLISH", channel_, bytes},
                        [me = weak_from_this(), counts](result<redis::reply> r) {
                            const auto self = me.lock();
                            if (self && counts && r && r->type == redis::reply::kind::integer)
                                self->core_->published_to(r->number);
                        });
}

void open_room::retry_later() { host_.retry_soon(shared_from_this()); }

std::uint64_t open_room::wall_clock_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void open_room::opened() {
    open_ = true;
    const auto waiting = host_.openings_.find(name_);
    if (waiting == host_.openings_.end()) return;
    for (const auto& timer : waiting->second) timer->cancel();
    host_.openings_.erase(waiting);
}

} // namespace studium::room
