// Who wrote what is in a room's log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace studium::room {

/// The newest append of each node that the log holds. A node has one append in flight at a time, numbers
/// them, and says what the log lost of them again, under its old number, before anything newer. So a log that
/// holds one of a node's appends holds those before it, and this tells of each append whether it is stored,
/// also after a snapshot took it in.
///
/// An origin is one or several words "<node>.<number>", apart by a space: an entry that stands for several
/// appends names them all. A word that begins with '~' names nothing: it only makes the origin unlike any
/// other.
class authors {
public:
    void note(std::string_view origin);
    bool cover(std::string_view origin) const;
    bool cover(const authors& others) const;
    /// All of them as one origin, and back by note(). Only the newest 256 nodes are kept: an older one has
    /// nothing in flight any more.
    std::string origin() const;

private:
    struct append {
        std::string node;
        std::uint64_t number;
    };
    bool covers(std::string_view node, std::uint64_t number) const;
    std::vector<append> newest_; // by node, the one noted last at the end
};

} // namespace studium::room
