#include "server/workspace/collab_session.hpp"

#include "protocol/collab/y_websocket.hpp"
#include "protocol/yjs/sync.hpp"

#include <utility>

namespace studium::workspace {

namespace {

// Providers close a socket on which no message came for 30 s, and a ping is none.
constexpr int ticks_before_filler = 15;

websocket::shared_frame binary(std::string_view message) {
    return websocket::make_frame(websocket::opcode::binary, message);
}

/// An awareness message about nobody: changes nothing, and is a message.
const websocket::shared_frame& filler() {
    static const auto frame = binary(yjs::write_awareness(yjs::write_awareness_update({})));
    return frame;
}

template <class... F> struct overload : F... {
    using F::operator()...;
};

} // namespace

collab_session::collab_session(socket& s, std::shared_ptr<document> d, bool wants_acks)
    : socket_{s}, document_{std::move(d)}, wants_acks_{wants_acks},
      rate_{document_->limit().messages_per_second, document_->limit().message_burst} {}

collab_session::~collab_session() { on_close(); }

void collab_session::start() {
    entered_ = document_->enter(*this);
    if (!entered_) return socket_.close(close_codes::overloaded);
    send(document_->question());
    if (wants_acks_) send(binary(collab::write_storage(document_->storage_available())));
    if (const auto everyone = document_->everyone()) send(everyone);
    read_or_wait();
}

void collab_session::on_close() noexcept {
    if (std::exchange(entered_, false)) document_->leave(*this);
}

// ---------------------------------------------------------------- from the client

void collab_session::on_message(websocket::opcode kind, std::string_view payload) {
    if (!entered_) return;
    if (kind != websocket::opcode::binary) return socket_.close(close_codes::wrong_frame_kind);
    if (!rate_.take(token_bucket::clock::now())) return socket_.close(close_codes::flooding);
    const auto message = yjs::read_message(payload);
    if (!message) return socket_.close(close_codes::malformed);
    std::visit(overload{
                   [&](const yjs::sync_step_1& m) { send(document_->lacking(m.known)); },
                   [&](const yjs::sync_step_2& m) { on_update(m.update, true); },
                   [&](const yjs::sync_update& m) { on_update(m.update, false); },
                   [&](const yjs::awareness_message& m) { on_awareness(m.update); },
                   [&](const yjs::query_awareness&) {
                       const auto everyone = document_->everyone();
                       send(everyone ? everyone : filler());
                   },
                   [](const yjs::auth_message&) {}, // server to client only; stock servers ignore it too
               },
               *message);
}

void collab_session::on_update(std::string_view update, bool may_repeat) {
    const auto facts = yjs::check_update(update, document_->limit().update);
    if (!facts)
        return socket_.close(facts.error() == errc::too_large ? close_codes::too_big
                                                              : close_codes::malformed);
    const auto taken =
        facts->empty() ? document::taken::stored_already : document_->edit(*this, update, may_repeat);
    switch (taken) {
    case document::taken::stored_already: ++stored_; return tell_stored();
    case document::taken::document_full: return socket_.close(close_codes::document_full);
    case document::taken::waiting:
        unstored_.push_back(update.size());
        unstored_bytes_ += update.size();
        return read_or_wait();
    }
}

void collab_session::on_awareness(std::string_view update) {
    const auto entries = yjs::read_awareness(update, document_->limit().awareness);
    if (!entries)
        return socket_.close(entries.error() == errc::too_large ? close_codes::too_big
                                                                : close_codes::malformed);
    document_->show(*this, *entries);
}

// ---------------------------------------------------------------- from the document

void collab_session::settled(bool stored) {
    if (!unstored_.empty()) {
        unstored_bytes_ -= unstored_.front();
        unstored_.erase(unstored_.begin());
    }
    // An update that could not even wait is lost here, not at its author's: a new connection brings it again.
    if (!stored) return socket_.close(close_codes::overloaded);
    ++stored_;
    tell_stored();
    read_or_wait();
}

void collab_session::tell_stored() {
    if (!wants_acks_ || std::exchange(telling_, true)) return;
    // Once for all that this turn stored.
    socket_.home().at_end_of_turn([this, alive = std::weak_ptr{alive_}] {
        if (alive.expired()) return;
        telling_ = false;
        if (entered_) send(binary(collab::write_stored(stored_)));
    });
}

void collab_session::storage_changed(bool available) {
    if (wants_acks_) send(binary(collab::write_storage(available)));
    read_or_wait();
}

/// Nothing is taken that can't be kept: reading stops while the store is away or far behind, and TCP tells
/// the client.
void collab_session::read_or_wait() {
    const bool wait =
        !document_->storage_available() || unstored_bytes_ > document_->limit().max_unstored_bytes;
    if (std::exchange(paused_, wait) == wait) return;
    if (wait)
        socket_.pause_reading();
    else
        socket_.resume_reading();
}

void collab_session::send(const websocket::shared_frame& frame) {
    silent_ticks_ = 0;
    socket_.send(frame);
}

void collab_session::relay(const websocket::shared_frame& frame, std::string_view update) {
    if (backlog_.empty() && !socket_.congested()) return send(frame);
    backlog_.emplace_back(update);
    backlog_bytes_ += update.size();
    if (backlog_bytes_ <= document_->limit().max_backlog_bytes) return;
    merge_backlog();
    if (backlog_bytes_ > document_->limit().max_backlog_bytes) socket_.close(close_codes::too_slow);
}

void collab_session::show(const websocket::shared_frame& frame) {
    if (socket_.congested())
        cursors_missed_ = true;
    else
        send(frame);
}

void collab_session::on_drained() {
    if (!entered_) return;
    if (!backlog_.empty()) {
        merge_backlog();
        send(binary(yjs::write_sync_update(backlog_.front())));
        backlog_.clear();
        backlog_bytes_ = 0;
    }
    if (std::exchange(cursors_missed_, false))
        if (const auto everyone = document_->everyone()) send(everyone);
}

void collab_session::merge_backlog() {
    const std::vector<std::string_view> updates{backlog_.begin(), backlog_.end()};
    std::string merged =
        yjs::merge_updates(updates, yjs::neighbours::join).value(); // all of them stored ones
    backlog_bytes_ = merged.size();
    backlog_.clear();
    backlog_.push_back(std::move(merged));
}

void collab_session::tick() {
    if (++silent_ticks_ >= ticks_before_filler) send(filler());
}

} // namespace studium::workspace
