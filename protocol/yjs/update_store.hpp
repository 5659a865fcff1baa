// The state of one workspace: everything ever accepted, as updates, without a document.
#pragma once

#include "protocol/yjs/update.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace studium::yjs {

/// Takes checked updates in any order, duplicates included. Adding costs O(size · log) on average: updates
/// are joined in small batches, and batches with batches of their size. A reader (whole, diff, known) first
/// joins what is left into one update, O(document), and answers from that until the next add.
class update_store {
public:
    /// An update that check_update refuses must not come here (std::logic_error, at the latest on reading).
    void add(std::string update);
    /// The whole state as one update.
    const std::string& whole();
    /// What a peer with `known` lacks.
    std::string diff(const state_vector& known);
    /// The contiguous run from clock 0 per client.
    const state_vector& known();
    /// Whether a checked update would add nothing: neither a struct nor a deletion, nor a shorter form of
    /// one.
    bool contains(std::string_view update);
    /// Bytes held. whole().size() is about that or less, often far less before the first read after many
    /// adds.
    std::size_t bytes() const noexcept { return bytes_; }
    void clear();

private:
    void settle_tail();
    void fold();

    std::vector<std::string> tail_; // as they came
    std::vector<std::string> runs_; // each of joined updates, and at least twice as large as the one after it
    std::string nothing_{empty_update}; // the whole while both are empty
    state_vector known_;
    bool known_is_fresh_ = true;
    std::size_t bytes_ = empty_update.size();
};

} // namespace studium::yjs
