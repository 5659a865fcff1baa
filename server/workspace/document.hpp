// A workspace's room: the shared document of a group as a log of Yjs updates, relayed as they are stored.
#pragma once

#include "protocol/websocket/frame.hpp"
#include "protocol/yjs/update_store.hpp"
#include "server/room/host.hpp"
#include "server/workspace/limits.hpp"
#include "server/workspace/presence.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace studium::workspace {

class collab_session;

/// For metrics; written by all workers.
struct counters {
    std::atomic<std::uint64_t> edits_stored{0}, edits_delivered{0}, edits_refused{0}, cursors_delivered{0};
};

class document final : public room::occupant {
public:
    document(room::open_room&, worker&, const limits&, counters&);

    // Sockets of this worker come and go.
    /// False where the workspace is full.
    bool enter(collab_session&);
    void leave(collab_session&);

    // What they send; checked already.
    enum class taken { stored_already, waiting, document_full };
    taken edit(collab_session&, std::string_view update, bool may_repeat);
    void show(collab_session&, const std::vector<yjs::awareness_entry>&);

    const limits& limit() const noexcept { return limits_; }
    bool storage_available() const noexcept { return room_.storage_available(); }
    /// A step-2 frame with what a peer lacks.
    websocket::shared_frame lacking(const yjs::state_vector& known);
    websocket::shared_frame question(); // our step 1
    websocket::shared_frame everyone(); // all cursors; null where there are none

    // room::occupant
    void load(std::string_view snapshot) override;
    void apply(room::position, std::string_view update) override;
    std::string snapshot() override { return store_.whole(); }
    std::string merge(std::span<const std::string_view> updates) override;
    std::vector<std::string> story() override { return {}; } // never asked: updates commute
    void stored(room::position, std::string_view update, std::span<const room::ticket> authors) override;
    void settled(room::ticket, result<room::position>) override;
    void storage_changed(bool available) override;
    void history_changed() override;
    void peer_joined(std::string_view node) override;
    void fleeting(std::string_view node, std::string_view payload) override;
    void peer_lost(std::string_view node) override;
    void tick() override;
    bool deserted() const override { return sessions_.empty(); }

private:
    collab_session* find(room::ticket) const;
    void add(std::string_view update, std::string_view where_from);
    void show_soon();
    void show_now();

    room::open_room& room_;
    worker& worker_;
    const limits& limits_;
    counters& counters_;
    yjs::update_store store_;
    presence presence_;
    std::vector<collab_session*> sessions_;
    bool showing_soon_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0); // what is left for later looks here first
};

} // namespace studium::workspace
