// Format V1 read struct by struct: the one strict reader on which check, merge, diff and state vector stand.
#pragma once

#include "protocol/yjs/lib0.hpp"
#include "protocol/yjs/update.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace studium::yjs {

/// One step of a client's clock.
struct unit_id {
    std::uint64_t client = 0;
    std::uint64_t clock = 0;
    bool operator==(const unit_id&) const = default;
};

/// The lower five bits of a struct's first byte.
enum class content_ref : std::uint8_t {
    gc = 0,
    deleted = 1,
    json = 2,
    binary = 3,
    string = 4,
    embed = 5,
    format = 6,
    type = 7,
    any = 8,
    doc = 9,
    skip = 10,
};

inline constexpr std::uint8_t has_parent_sub = 0x20, has_right_origin = 0x40, has_origin = 0x80;

/// A struct as it stands in an update.
struct struct_view {
    std::uint64_t clock = 0;
    std::uint64_t length = 0;   // clock units
    std::string_view bytes;     // from the info byte to the end of the content
    std::size_t content_at = 0; // where in them the content begins

    std::uint8_t info() const noexcept { return static_cast<std::uint8_t>(bytes.front()); }
    content_ref ref() const noexcept { return static_cast<content_ref>(info() & 0x1f); }
    std::uint64_t end() const noexcept { return clock + length; }
    std::string_view content() const noexcept { return bytes.substr(content_at); }
};

/// Origin (left) and right origin of an item, read again from its bytes.
struct struct_origins {
    std::optional<unit_id> left, right;
};
struct_origins origins_of(const struct_view&);

/// The info byte as it must be where the struct is written again without a document: the parentSub bit says
/// nothing beside an origin, and Yjs' own writers drop it there.
inline std::uint8_t rewritten_info(std::uint8_t info) noexcept {
    return (info & (has_origin | has_right_origin)) ? static_cast<std::uint8_t>(info & ~has_parent_sub)
                                                    : info;
}

/// The struct without its first `units` (0 < units < length), encoded into `bytes`, into which it points. Of
/// an item the origin becomes the unit before the cut, and with an origin no parent is written.
struct_view slice(const struct_view&, std::uint64_t client, std::uint64_t units, std::string& bytes);

struct deleted_range {
    std::uint64_t client, clock, length;
    std::uint64_t end() const noexcept { return clock + length; }
};

/// Limits for bytes that were checked when they came in: only what the format itself demands.
inline constexpr update_limits no_limits{
    .max_bytes = std::numeric_limits<std::size_t>::max(),
    .max_depth = std::numeric_limits<std::size_t>::max(),
    .max_structs = std::numeric_limits<std::size_t>::max(),
    .max_clients = std::numeric_limits<std::size_t>::max(),
    .max_struct_length = max_safe_integer,
};

/// Reads an update from front to back: while (next_section) { while (next_struct) ... }, then
/// while (next_deleted) ..., then finished(). Each returns false at the end and on failure alike; only
/// finished() tells which. Sections must be read through before the next, and all of them before the deletes.
class update_reader {
public:
    update_reader(std::string_view update, const update_limits& limits);

    bool next_section();
    std::uint64_t client() const noexcept { return client_; }
    /// Clock of the section's next struct.
    std::uint64_t clock() const noexcept { return clock_; }
    bool next_struct(struct_view&);
    /// From here to the end of the update.
    std::string_view delete_set() const noexcept { return {in_.position(), in_.left()}; }
    bool next_deleted(deleted_range&);
    /// Success where every byte was read and none was wrong.
    result<void> finished() const;

private:
    void read_head(std::uint8_t info);
    void read_origin();
    std::uint64_t read_content(content_ref);
    void read_json();
    void read_doc_options();
    bool start_deletes();

    reader in_;
    update_limits limits_;
    std::uint64_t sections_left_ = 0, structs_left_ = 0, structs_seen_ = 0;
    std::uint64_t client_ = 0, clock_ = 0;
    bool first_section_ = true, deletes_started_ = false;
    std::uint64_t delete_clients_left_ = 0, ranges_left_ = 0, delete_client_ = 0;
};

} // namespace studium::yjs
