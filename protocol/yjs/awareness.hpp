// Awareness (cursors, names): last state per Yjs client id, by the accept rule of y-protocols 1.0.
#pragma once

#include "protocol/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace studium::yjs {

struct awareness_entry {
    std::uint64_t client = 0;
    std::uint64_t clock = 0;
    std::string state; // JSON text; "null": gone
    bool gone() const noexcept { return state == "null"; }
};

struct awareness_limits {
    std::size_t max_entries = 64; // in one message: echoes of a full group fit
    std::size_t max_state_bytes = 2048;
    std::size_t max_depth = 16;
};

/// Errors: malformed (bytes, UTF-8, JSON that is no object and not null), too_large.
result<std::vector<awareness_entry>> read_awareness(std::string_view update, const awareness_limits& = {});
std::string write_awareness_update(std::span<const awareness_entry> entries);

/// Who is shown where. Without the accept rule, N clients that echo make N² frames of one cursor move.
class awareness_table {
public:
    /// Takes the entry if it is newer: clock above the known one; or equal, while it says gone and a state is
    /// held; so repeats and echoes change nothing. Returns whether there is something to tell others: a
    /// client that says gone and was never seen has its clock remembered, and that is all.
    bool accept(const awareness_entry&);
    /// The entry that says `client` is gone, at one above its clock; nothing to tell where no state is held.
    bool remove(std::uint64_t client, awareness_entry& gone);
    /// The last entry of `client`, a gone one too; until the table changes.
    const awareness_entry* find(std::uint64_t client) const;
    /// States held now.
    std::vector<awareness_entry> present() const;
    std::size_t size() const noexcept { return held_; } // states held now
    /// Forgets clocks of clients that are gone: call when none of them can still be connected.
    void forget_gone();

private:
    std::unordered_map<std::uint64_t, awareness_entry> entries_;
    std::size_t held_ = 0;
};

} // namespace studium::yjs
