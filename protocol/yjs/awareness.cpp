#include "protocol/yjs/awareness.hpp"

#include "protocol/yjs/json_check.hpp"
#include "protocol/yjs/lib0.hpp"

#include <algorithm>

namespace studium::yjs {
namespace {

constexpr std::size_t least_entry = 3; // client, clock and the length of the state

result<awareness_entry> read_entry(reader& in, const awareness_limits& limits) {
    const auto client = in.var_uint();
    const auto clock = in.var_uint();
    const auto state = in.var_string();
    if (!in.ok()) return in.why();
    if (state.size() > limits.max_state_bytes) return errc::too_large;
    const auto kind = check_json(state, limits.max_depth);
    if (!kind) return kind.error();
    if (*kind == json_kind::null)
        return awareness_entry{client, clock, "null"}; // without the space around it
    if (*kind != json_kind::object) return errc::malformed;
    return awareness_entry{client, clock, std::string{state}};
}

} // namespace

result<std::vector<awareness_entry>> read_awareness(std::string_view update, const awareness_limits& limits) {
    reader in{update};
    const auto n = in.count(least_entry);
    if (!in.ok()) return in.why();
    if (n > limits.max_entries) return errc::too_large;
    std::vector<awareness_entry> out;
    for (std::uint64_t i = 0; i < n; ++i) {
        auto entry = read_entry(in, limits);
        if (!entry) return entry.error();
        out.push_back(std::move(*entry));
    }
    if (!in.at_end()) return errc::malformed;
    return out;
}

std::string write_awareness_update(std::span<const awareness_entry> entries) {
    std::string out;
    write_var_uint(out, entries.size());
    for (const auto& entry : entries) {
        write_var_uint(out, entry.client);
        write_var_uint(out, entry.clock);
        write_var_bytes(out, entry.state);
    }
    return out;
}

bool awareness_table::accept(const awareness_entry& entry) {
    const auto at = entries_.find(entry.client);
    const bool seen = at != entries_.end();
    const bool held = seen && !at->second.gone();
    const auto known = seen ? at->second.clock : 0;
    const bool leaves = entry.clock == known && entry.gone() && held;
    if (entry.clock <= known && !leaves) return false;
    entries_.insert_or_assign(entry.client, entry);
    if (held && entry.gone()) --held_;
    if (!held && !entry.gone()) ++held_;
    return seen || !entry.gone();
}

bool awareness_table::remove(std::uint64_t client, awareness_entry& gone) {
    const auto at = entries_.find(client);
    if (at == entries_.end() || at->second.gone()) return false;
    at->second.clock = std::min(at->second.clock + 1, max_safe_integer);
    at->second.state = "null";
    --held_;
    gone = at->second;
    return true;
}

const awareness_entry* awareness_table::find(std::uint64_t client) const {
    const auto at = entries_.find(client);
    return at == entries_.end() ? nullptr : &at->second;
}

std::vector<awareness_entry> awareness_table::present() const {
    std::vector<awareness_entry> out;
    out.reserve(held_);
    for (const auto& [client, entry] : entries_)
        if (!entry.gone()) out.push_back(entry);
    return out;
}

void awareness_table::forget_gone() {
    std::erase_if(entries_, [](const auto& item) { return item.second.gone(); });
}

} // namespace studium::yjs
