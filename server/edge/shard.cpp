#include "server/edge/shard.hpp"

#include <algorithm>
#include <utility>

namespace studium::edge {

namespace {

/// A quarter of the shortest deadline, so that none is missed by much; at most a second, for the rest.
steady::duration sweep_interval(const limits& l) {
    const auto shortest = std::min({l.request_timeout, l.idle_timeout, l.ping_interval, l.close_timeout});
    return std::clamp<std::chrono::milliseconds>(shortest / 4, std::chrono::milliseconds{5},
                                                 std::chrono::milliseconds{1000});
}

} // namespace

shard::shard(worker& home, std::shared_ptr<common> all)
    : home_{home}, all_{std::move(all)}, timer_{home.executor()},
      sweep_interval_{sweep_interval(all_->options.limits)} {}

void shard::start() { sweep_later(); }

void shard::sweep_later() {
    timer_.expires_after(sweep_interval_);
    timer_.async_wait([self = shared_from_this()](const error_code& ec) {
        if (!ec && !self->retired_) self->sweep();
    });
}

void shard::sweep() {
    now_ = steady::now();
    // Backwards: a resident that ends here leaves its slot to the last one, which was already visited.
    for (auto i = residents_.size(); i-- > 0;)
        if (i < residents_.size()) residents_[i]->sweep(now_);
    sweep_later();
}

void shard::begin_stop(close_code why) {
    stopping_ = true;
    for (auto i = residents_.size(); i-- > 0;)
        if (i < residents_.size()) residents_[i]->begin_stop(why);
}

void shard::cut_all() {
    for (auto i = residents_.size(); i-- > 0;)
        if (i < residents_.size()) residents_[i]->cut();
}

void shard::retire() {
    retired_ = true;
    timer_.cancel();
}

void shard::add(resident& one) {
    one.slot_ = residents_.size();
    residents_.push_back(&one);
}

void shard::remove(resident& one) noexcept {
    residents_[one.slot_] = residents_.back();
    residents_[one.slot_]->slot_ = one.slot_;
    residents_.pop_back();
}

void shard::flush_at_end_of_turn(flushable& one) {
    if (dirty_.empty()) home_.at_end_of_turn([this] { flush_dirty(); });
    one.hold();
    dirty_.push_back(&one);
}

void shard::flush_dirty() {
    const auto alive = shared_from_this(); // the last session may take the shard with it
    flushing_.swap(dirty_);
    for (auto* one : flushing_) {
        one->flush();
        one->release();
    }
    flushing_.clear();
}

} // namespace studium::edge
