// The union of updates, by one sweep over each client's structs in the order of their clocks.
#include "protocol/yjs/delete_set.hpp"
#include "protocol/yjs/section_writer.hpp"

#include <algorithm>
#include <deque>

namespace studium::yjs {
namespace {

struct client_structs {
    std::vector<struct_view> structs; // Skips left out
    bool sorted = true;
};

/// 0 before 1 before 2 where two structs begin at the same clock: what is known to be gone need not be kept.
int rank(const struct_view& s) noexcept {
    return s.ref() == content_ref::gc ? 0 : s.ref() == content_ref::deleted ? 1 : 2;
}

bool comes_first(const struct_view& a, const struct_view& b) noexcept {
    if (a.clock != b.clock) return a.clock < b.clock;
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (a.length != b.length) return a.length > b.length;
    // Total, so that every node keeps the same of two that contradict each other; and downwards, so that a
    // surrogate pair is kept before the U+FFFD that a client left of it, which sorts below every pair.
    return a.bytes > b.bytes;
}

class merger {
public:
    result<void> take(std::string_view update) {
        update_reader in{update, no_limits};
        struct_view s;
        while (in.next_section()) {
            auto& mine = clients_[in.client()];
            while (in.next_struct(s)) {
                if (s.ref() == content_ref::skip) continue;
                if (!mine.structs.empty() && !comes_first(mine.structs.back(), s)) mine.sorted = false;
                mine.structs.push_back(s);
            }
        }
        deleted_range range;
        while (in.next_deleted(range)) deleted_.add(range);
        return in.finished();
    }

    std::string write(neighbours how) {
        section_writer section{how};
        std::string sections;
        std::uint64_t count = 0;
        for (auto& [client, mine] : clients_) {
            section.start(client);
            if (sweep(client, mine, section, sections)) ++count;
        }
        std::string out;
        write_var_uint(out, count);
        out.append(sections);
        deleted_.write(out);
        return out;
    }

private:
    static bool sweep(std::uint64_t client, client_structs& mine, section_writer& section, std::string& out) {
        if (!mine.sorted) std::ranges::sort(mine.structs, comes_first);
        std::deque<std::string> cut; // slices, which must live until the section is written
        std::uint64_t end = 0;
        for (const auto& s : mine.structs) {
            if (s.end() <= end) continue;
            section.put(s.clock >= end ? s : slice(s, client, end - s.clock, cut.emplace_back()));
            end = s.end();
        }
        return section.finish(out);
    }

    std::map<std::uint64_t, client_structs, std::greater<>> clients_;
    delete_set deleted_;
};

} // namespace

result<std::string> merge_updates(std::span<const std::string_view> updates, neighbours how) {
    if (updates.empty()) return std::string{empty_update};
    if (updates.size() == 1 && how == neighbours::keep) return std::string{updates.front()};
    merger all;
    for (const auto update : updates)
        if (const auto taken = all.take(update); !taken) return taken.error();
    return all.write(how);
}

} // namespace studium::yjs
