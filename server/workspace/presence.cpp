#include "server/workspace/presence.hpp"

#include <algorithm>
#include <utility>

namespace studium::workspace {

namespace {
constexpr int ticks_to_come_back = 3;
}

bool presence::accept(const speaker& who, const yjs::awareness_entry& entry) {
    const auto known = owners_.find(entry.client);
    const bool free = known == owners_.end() || known->second.abandoned_ticks >= 0;
    if (!free && (known->second.who.socket != who.socket || known->second.who.node != who.node)) return false;
    if (free && !entry.gone() && who.socket != 0) {
        const auto owned = std::count_if(owners_.begin(), owners_.end(), [&](const auto& o) {
            return o.second.who.socket == who.socket && o.second.abandoned_ticks < 0;
        });
        if (static_cast<std::size_t>(owned) >= max_ids_per_socket_) return false;
    }
    if (!table_.accept(entry)) return false;
    if (entry.gone())
        owners_.erase(entry.client);
    else
        owners_[entry.client] = {who, -1};
    changed_[entry.client] = who.socket;
    return true;
}

void presence::abandon(std::uint64_t socket) {
    for (auto& [client, o] : owners_)
        if (o.who.socket == socket) o.abandoned_ticks = std::max(o.abandoned_ticks, 0);
}

void presence::expire() {
    std::vector<std::uint64_t> over;
    for (auto& [client, o] : owners_) {
        if (o.abandoned_ticks < 0) continue;
        ++o.abandoned_ticks;
        if (o.abandoned_ticks > ticks_to_come_back) over.push_back(client);
    }
    for (const auto client : over) remove(client);
}

void presence::node_lost(std::string_view node) {
    std::vector<std::uint64_t> over;
    for (const auto& [client, o] : owners_)
        if (o.who.socket == 0 && o.who.node == node) over.push_back(client);
    for (const auto client : over) remove(client);
}

void presence::remove(std::uint64_t client) {
    owners_.erase(client);
    yjs::awareness_entry gone;
    if (table_.remove(client, gone)) changed_[client] = 0;
}

presence::news presence::take_news() {
    news fresh;
    bool first = true;
    for (const auto& [client, socket] : std::exchange(changed_, {})) {
        if (const auto* entry = table_.find(client)) fresh.entries.push_back(*entry);
        fresh.only_from = first || fresh.only_from == socket ? socket : 0;
        first = false;
    }
    return fresh;
}

std::vector<yjs::awareness_entry> presence::local() const {
    std::vector<yjs::awareness_entry> mine;
    for (auto& entry : table_.present()) {
        const auto o = owners_.find(entry.client);
        if (o != owners_.end() && o->second.who.socket != 0) mine.push_back(std::move(entry));
    }
    return mine;
}

} // namespace studium::workspace
