// One open room on its worker: the core, joined to Redis on one side and to its occupant on the other.
#pragma once

#include "server/room/core.hpp"

#include <memory>
#include <string>
#include <vector>

namespace studium::room {

class host;

/// What a kind of room is: its state, and what it tells the people in it. A workspace and a cohort are such.
class occupant : public state {
public:
    /// A change is in the log and applied; relay it now. `authors` handed it in here; none: another node.
    virtual void stored(position, std::string_view payload, std::span<const ticket> authors) = 0;
    /// The answer to one submit. After a success `stored` has been called.
    virtual void settled(ticket, result<position>) = 0;
    virtual void storage_changed(bool available) = 0;
    /// The state may have changed in ways that `stored` did not tell, or the log may lack what clients hold.
    virtual void history_changed() = 0;
    virtual void peer_joined(std::string_view node) = 0;
    virtual void fleeting(std::string_view node, std::string_view payload) = 0;
    virtual void peer_lost(std::string_view node) = 0;
    /// About once a second.
    virtual void tick() {}
    /// Nobody is in it: it may be unloaded.
    virtual bool deserted() const = 0;
};

class open_room final : private actions, public std::enable_shared_from_this<open_room> {
public:
    open_room(host&, std::string name, bool commuting);

    const std::string& name() const noexcept { return name_; }
    occupant& who() noexcept { return *occupant_; }
    bool storage_available() const noexcept { return core_->storage_available(); }
    position end() const noexcept { return core_->end(); }
    std::size_t pending_bytes() const noexcept { return core_->pending_bytes(); }

    void submit(ticket who, std::string payload) { core_->submit(who, std::move(payload)); }
    void submit(ticket who, decider decide) { core_->submit(who, std::move(decide)); }
    void say(std::string payload) { core_->say(std::move(payload)); }

private:
    friend class host;
    void start(std::unique_ptr<occupant>);

    void append(const append_request&) override;
    void read(position from, bool with_snapshot) override;
    void begin_epoch(std::uint64_t epoch, const std::string& origin, const std::string& payload) override;
    void write_snapshot(position upto, std::string snapshot) override;
    void publish(const channel_message&) override;
    void retry_later() override;
    std::uint64_t wall_clock_ms() override;
    void opened() override;
    void stored(position at, std::string_view payload, std::span<const ticket> authors) override {
        occupant_->stored(at, payload, authors);
    }
    void settled(ticket who, result<position> how) override { occupant_->settled(who, how); }
    void storage_changed(bool available) override { occupant_->storage_changed(available); }
    void history_changed() override { occupant_->history_changed(); }
    void peer_joined(std::string_view node) override { occupant_->peer_joined(node); }
    void fleeting(std::string_view node, std::string_view payload) override {
        occupant_->fleeting(node, payload);
    }
    void peer_lost(std::string_view node) override { occupant_->peer_lost(node); }

    void verify_snapshot(position upto, const std::string& snapshot);
    void trim(position upto);

    host& host_;
    std::string name_, log_key_, snapshot_key_, channel_;
    bool commuting_, open_ = false;
    std::unique_ptr<occupant> occupant_;
    std::unique_ptr<core> core_;
    int deserted_ticks_ = 0;
};

} // namespace studium::room
