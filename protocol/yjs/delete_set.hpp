// Which units were deleted: ranges per client, as a set.
#pragma once

#include "protocol/yjs/structs.hpp"

#include <string>
#include <vector>

namespace studium::yjs {

/// Gathers ranges in any order and writes their union: clients highest first, ranges ascending, those joined
/// that touch or overlap. O(n · log n).
class delete_set {
public:
    void add(const deleted_range& range) { ranges_.push_back(range); }
    void write(std::string& out);

private:
    void normalise();

    std::vector<deleted_range> ranges_;
};

} // namespace studium::yjs
