// Yjs updates, format V1: checked, merged and cut without ever building a document.
// Source: the format as the npm package yjs 13.6 writes and reads it.
#pragma once

#include "protocol/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace studium::yjs {

/// Client id → next expected clock, highest client first (the order in which it is written).
using state_vector = std::map<std::uint64_t, std::uint64_t, std::greater<>>;

struct update_limits {
    std::size_t max_bytes = 1024 * 1024;
    std::size_t max_depth = 64; // of `any` values and of JSON texts
    std::size_t max_structs = 500'000;
    std::size_t max_clients = 10'000;          // sections of one update: every page load makes a client id
    std::uint64_t max_struct_length = 1 << 24; // clock units of one struct, GC, Skip and Deleted included
};

/// What one update holds, learnt while it is checked.
struct update_facts {
    struct section {
        std::uint64_t client;
        std::uint64_t first_clock, end_clock; // Skips included
    };
    std::vector<section> sections; // highest client first, as in the update
    std::size_t structs = 0;       // Skips not counted
    std::size_t deleted_ranges = 0;
    /// Nothing in it to store or to relay.
    bool empty() const noexcept { return structs == 0 && deleted_ranges == 0; }
};

/// Reads an update that came from outside, strictly: what is accepted here, Yjs accepts too, with the same
/// meaning (README.md says what is refused). Errors: malformed, too_large. Linear in its bytes; allocates
/// nothing by claimed lengths.
result<update_facts> check_update(std::string_view update, const update_limits& = {});

/// What becomes of neighbours that continue each other: runs of GC, of deleted items, of text.
enum class neighbours {
    keep, // as Y.mergeUpdates does; a single input comes back unchanged
    join, // one struct of them, as Yjs does within a document; many times smaller after typing
};

/// The union of several checked updates as one: structs in order with Skips over gaps, delete sets joined.
/// Where inputs describe the same units differently, GC is kept before Deleted before content, and the longer
/// item. Error: malformed, where an input was never checked. O(total · log n).
result<std::string> merge_updates(std::span<const std::string_view> updates, neighbours = neighbours::keep);

/// What a peer with `known` lacks of `update`; the delete set whole.
result<std::string> diff_update(std::string_view update, const state_vector& known);

/// The contiguous run from clock 0 per client: the server's answer as sync step 1.
result<state_vector> state_vector_of(std::string_view update);

std::string encode_state_vector(const state_vector&);
/// Errors: malformed (a client twice, trailing bytes), too_large.
result<state_vector> decode_state_vector(std::string_view bytes, std::size_t max_clients = 10'000);

/// `00 00`.
inline constexpr std::string_view empty_update{"\0\0", 2};

} // namespace studium::yjs
