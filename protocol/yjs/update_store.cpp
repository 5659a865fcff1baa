#include "protocol/yjs/update_store.hpp"

#include <stdexcept>

namespace studium::yjs {
namespace {

constexpr std::size_t batch = 64; // updates that are joined at once

template <class T> T checked(result<T> r) {
    if (!r) throw std::logic_error{"an update that was never checked is in the store"};
    return std::move(*r);
}

std::string joined(const std::vector<std::string>& updates) {
    const std::vector<std::string_view> views(updates.begin(), updates.end());
    return checked(merge_updates(views, neighbours::join));
}

std::size_t size_of(const std::vector<std::string>& updates) noexcept {
    std::size_t sum = 0;
    for (const auto& update : updates) sum += update.size();
    return sum;
}

} // namespace

void update_store::add(std::string update) {
    bytes_ += update.size();
    tail_.push_back(std::move(update));
    known_is_fresh_ = false;
    if (tail_.size() >= batch) settle_tail();
}

/// Every byte is joined again only when its run doubles: n updates cost O(n · log n) in all.
void update_store::settle_tail() {
    if (tail_.empty()) return;
    auto run = joined(tail_);
    tail_.clear();
    while (!runs_.empty() && runs_.back().size() < 2 * run.size()) {
        const std::string_view pair[] = {runs_.back(), run};
        run = checked(merge_updates(pair, neighbours::join));
        runs_.pop_back();
    }
    runs_.push_back(std::move(run));
    bytes_ = size_of(runs_);
}

void update_store::fold() {
    settle_tail();
    if (runs_.size() > 1) {
        runs_ = {joined(runs_)};
        bytes_ = runs_.front().size();
    }
}

const std::string& update_store::whole() {
    fold();
    return runs_.empty() ? nothing_ : runs_.front();
}

std::string update_store::diff(const state_vector& known) { return checked(diff_update(whole(), known)); }

const state_vector& update_store::known() {
    if (!known_is_fresh_) known_ = checked(state_vector_of(whole()));
    known_is_fresh_ = true;
    return known_;
}

bool update_store::contains(std::string_view update) {
    const std::string_view both[]{whole(), update};
    const auto merged = merge_updates(both, neighbours::join);
    return merged && *merged == whole();
}

void update_store::clear() { *this = update_store{}; }

} // namespace studium::yjs
