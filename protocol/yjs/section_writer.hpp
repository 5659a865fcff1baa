// One client's part of an update as it is written.
#pragma once

#include "protocol/yjs/structs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace studium::yjs {

/// Takes a client's structs in ascending order, each beginning at or after the end of the one before, and
/// writes Skips over gaps. The bytes of a struct must live until finish().
class section_writer {
public:
    explicit section_writer(neighbours how) noexcept : how_{how} {}

    void start(std::uint64_t client);
    void put(const struct_view&);
    /// Appends the section to `out`. Returns false, and writes nothing, where there was no struct.
    bool finish(std::string& out);

private:
    bool continues_last(const struct_view&, const struct_origins&) const;
    void hold(const struct_view&, const struct_origins&);
    void write_held();
    void write(const struct_view&);

    neighbours how_;
    std::uint64_t client_ = 0, first_clock_ = 0, end_ = 0, structs_ = 0;
    std::string body_;

    // The last struct where it may still be continued (joining only): GC, Deleted or String.
    std::optional<struct_view> held_;
    std::optional<unit_id> held_right_;
    std::uint64_t held_length_ = 0;
    std::vector<std::string_view> held_text_;
};

} // namespace studium::yjs
