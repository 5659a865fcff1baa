// The state of one workspace: everything ever accepted, as updates, without a document.
#pragma once

#include "protocol/yjs/update.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace studium::yjs {

/// Takes checked updates in any order, duplicates included. Adding is O(size of the update); a reader (whole,
/// diff, known) first folds what came since the last read into one update.
class update_store {
public:
    void add(std::string update);
    /// The whole state as one update.
    const std::string& whole();
    /// What a peer with `known` lacks.
    std::string diff(const state_vector& known);
    const state_vector& known();
    /// Bytes held, an upper bound of whole().size().
    std::size_t bytes() const noexcept { return bytes_; }
    void clear();

private:
    void fold();

    std::string base_{empty_update};
    std::vector<std::string> tail_;
    state_vector known_;
    bool known_is_fresh_ = true;
    std::size_t bytes_ = empty_update.size();
};

} // namespace studium::yjs
