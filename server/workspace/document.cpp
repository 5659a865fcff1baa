#include "server/workspace/document.hpp"

#include "protocol/yjs/sync.hpp"
#include "server/ops/log.hpp"
#include "server/workspace/collab_session.hpp"

#include <algorithm>

namespace studium::workspace {

namespace {

websocket::shared_frame binary(std::string_view message) {
    return websocket::make_frame(websocket::opcode::binary, message);
}

} // namespace

document::document(room::open_room& r, worker& w, const limits& l, counters& c)
    : room_{r}, worker_{w}, limits_{l}, counters_{c}, presence_{l.max_cursors_per_socket} {}

// ---------------------------------------------------------------- people

bool document::enter(collab_session& who) {
    if (sessions_.size() >= limits_.max_sockets) return false;
    sessions_.push_back(&who);
    return true;
}

void document::leave(collab_session& who) {
    std::erase(sessions_, &who);
    presence_.abandon(who.number());
}

collab_session* document::find(room::ticket number) const {
    const auto it = std::find_if(sessions_.begin(), sessions_.end(),
                                 [&](const collab_session* s) { return s->number() == number; });
    return it == sessions_.end() ? nullptr : *it;
}

// ---------------------------------------------------------------- edits

document::taken document::edit(collab_session& who, std::string_view update, bool may_repeat) {
    // A step 2 holds all that its sender has deleted, ever: stored again at every reconnect, it would outgrow
    // the document.
    if (may_repeat && store_.contains(update)) return taken::stored_already;
    if (store_.bytes() + room_.pending_bytes() + update.size() > limits_.max_document_bytes &&
        store_.whole().size() + room_.pending_bytes() + update.size() > limits_.max_document_bytes) {
        ++counters_.edits_refused;
        return taken::document_full;
    }
    room_.submit(who.number(), std::string{update});
    return taken::waiting;
}

std::string document::merge(std::span<const std::string_view> updates) {
    return yjs::merge_updates(updates, yjs::neighbours::join).value(); // each was checked when it came in
}

void document::load(std::string_view snapshot) {
    store_.clear();
    if (!snapshot.empty()) add(snapshot, "snapshot");
}

void document::apply(room::position, std::string_view update) { add(update, "log"); }

void document::add(std::string_view update, std::string_view where_from) {
    // What stands in the log was checked before it was appended. Should a disk or a hand have changed it, one
    // bad entry must not keep the whole document from opening.
    yjs::update_limits any_size;
    any_size.max_bytes = any_size.max_structs = any_size.max_clients = SIZE_MAX;
    any_size.max_struct_length = UINT64_MAX;
    if (!yjs::check_update(update, any_size)) {
        log::error("workspace.entry_unreadable", {{"room", room_.name()}, {"from", where_from}});
        return;
    }
    store_.add(std::string{update});
}

void document::stored(room::position, std::string_view update, std::span<const room::ticket> authors) {
    ++counters_.edits_stored;
    if (!sessions_.empty()) {
        // Who wrote all of it has it already.
        const bool one_author = !authors.empty() && std::all_of(authors.begin(), authors.end(),
                                                                [&](auto a) { return a == authors.front(); });
        const auto frame = binary(yjs::write_sync_update(update));
        for (auto* s : sessions_) {
            if (one_author && s->number() == authors.front()) continue;
            s->relay(frame, update);
            ++counters_.edits_delivered;
        }
    }
    if (presence_.has_news()) show_now();
}

void document::settled(room::ticket who, result<room::position> how) {
    if (auto* s = find(who)) s->settled(how.has_value());
}

void document::storage_changed(bool available) {
    for (auto* s : sessions_) s->storage_changed(available);
}

void document::history_changed() {
    const auto everything = binary(yjs::write_sync_update(store_.whole()));
    const auto ask = question();
    for (auto* s : sessions_) {
        s->relay(everything, store_.whole());
        s->send(ask); // what the log lost and a client still holds comes back as the answer
    }
}

websocket::shared_frame document::lacking(const yjs::state_vector& known) {
    return binary(yjs::write_sync_step_2(known.empty() ? store_.whole() : store_.diff(known)));
}

websocket::shared_frame document::question() { return binary(yjs::write_sync_step_1(store_.known())); }

// ---------------------------------------------------------------- cursors

websocket::shared_frame document::everyone() {
    const auto all = presence_.all();
    if (all.empty()) return nullptr;
    return binary(yjs::write_awareness(yjs::write_awareness_update(all)));
}

void document::show(collab_session& who, const std::vector<yjs::awareness_entry>& entries) {
    std::vector<yjs::awareness_entry> news;
    for (const auto& e : entries)
        if (presence_.accept({who.number(), {}}, e)) news.push_back(e);
    if (news.empty()) return;
    room_.say(yjs::write_awareness_update(news));
    show_soon();
}

void document::show_soon() {
    if (std::exchange(showing_soon_, true)) return;
    // A cursor that moves along with an edit leaves with it, in one system call, before this comes.
    worker_.soon([this, alive = std::weak_ptr{alive_}] {
        if (alive.expired()) return;
        showing_soon_ = false;
        if (presence_.has_news()) show_now();
    });
}

void document::show_now() {
    const auto news = presence_.take_news();
    const auto frame = binary(yjs::write_awareness(yjs::write_awareness_update(news.entries)));
    for (auto* s : sessions_) {
        if (s->number() == news.only_from) continue;
        s->show(frame);
        ++counters_.cursors_delivered;
    }
}

void document::tick() {
    presence_.expire();
    if (presence_.has_news()) show_now();
    for (auto* s : sessions_) s->tick();
}

// ---------------------------------------------------------------- other nodes

void document::peer_joined(std::string_view) {
    const auto mine = presence_.local();
    if (!mine.empty()) room_.say(yjs::write_awareness_update(mine));
}

void document::fleeting(std::string_view node, std::string_view payload) {
    const auto entries =
        yjs::read_awareness(payload, {.max_entries = 10'000, .max_state_bytes = 64 * 1024, .max_depth = 64});
    if (!entries) return;
    bool news = false;
    for (const auto& e : *entries) news |= presence_.accept({0, std::string{node}}, e);
    if (news) show_soon();
}

void document::peer_lost(std::string_view node) {
    presence_.node_lost(node);
    if (presence_.has_news()) show_now();
}

} // namespace studium::workspace
