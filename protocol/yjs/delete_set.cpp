#include "protocol/yjs/delete_set.hpp"

#include <algorithm>

namespace studium::yjs {

void delete_set::normalise() {
    std::ranges::sort(ranges_, [](const deleted_range& a, const deleted_range& b) {
        return a.client != b.client ? a.client > b.client : a.clock < b.clock;
    });
    std::size_t kept = 0;
    for (const auto& range : ranges_) {
        if (kept != 0 && ranges_[kept - 1].client == range.client && ranges_[kept - 1].end() >= range.clock) {
            auto& last = ranges_[kept - 1];
            last.length = std::max(last.end(), range.end()) - last.clock;
        } else {
            ranges_[kept++] = range;
        }
    }
    ranges_.resize(kept);
}

void delete_set::write(std::string& out) {
    normalise();
    const auto next_client = [&](std::size_t from) {
        auto to = from;
        while (to < ranges_.size() && ranges_[to].client == ranges_[from].client) ++to;
        return to;
    };
    std::uint64_t clients = 0;
    for (std::size_t i = 0; i < ranges_.size(); i = next_client(i)) ++clients;
    write_var_uint(out, clients);
    for (std::size_t i = 0; i < ranges_.size();) {
        const auto end = next_client(i);
        write_var_uint(out, ranges_[i].client);
        write_var_uint(out, end - i);
        for (; i < end; ++i) {
            write_var_uint(out, ranges_[i].clock);
            write_var_uint(out, ranges_[i].length);
        }
    }
}

} // namespace studium::yjs
