// Who is shown where in one workspace: the awareness table, and who may speak for which Yjs client id.
#pragma once

#include "protocol/yjs/awareness.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace studium::workspace {

/// Whose an entry is: a socket here, by its number, or another node, by its name.
struct speaker {
    std::uint64_t socket = 0; // 0: another node
    std::string node;
};

/// Pure. A client id belongs to whoever showed it first while it is connected; entries that others send for
/// it (echoes of every stock provider, or a forgery) change nothing.
class presence {
public:
    explicit presence(std::size_t max_ids_per_socket) : max_ids_per_socket_{max_ids_per_socket} {}

    /// Returns whether the entry is news.
    bool accept(const speaker&, const yjs::awareness_entry&);

    /// The socket is gone: its cursors wait for it to come back, until removed.
    void abandon(std::uint64_t socket);
    /// About once a second. Takes away cursors that were abandoned a while ago: a page that lost its
    /// connection is back sooner, and one that left cleanly has said so itself.
    void expire();
    void node_lost(std::string_view node);

    /// What changed since the last call, one entry per client; and the one socket all of it came from, else
    /// 0.
    struct news {
        std::vector<yjs::awareness_entry> entries;
        std::uint64_t only_from = 0;
    };
    bool has_news() const noexcept { return !changed_.empty(); }
    news take_news();

    std::vector<yjs::awareness_entry> all() const { return table_.present(); }
    /// Those shown by sockets of this node.
    std::vector<yjs::awareness_entry> local() const;

private:
    struct owner {
        speaker who;
        int abandoned_ticks = -1; // counts up once its socket is gone
    };
    void remove(std::uint64_t client);

    std::size_t max_ids_per_socket_;
    yjs::awareness_table table_;
    std::unordered_map<std::uint64_t, owner> owners_;
    std::unordered_map<std::uint64_t, std::uint64_t>
        changed_; // client → socket that changed it (0: none here)
};

} // namespace studium::workspace
