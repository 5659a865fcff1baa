#include "protocol/yjs/section_writer.hpp"

namespace studium::yjs {
namespace {

/// Copies what the peer lacks of the section that `in` has begun; false where that is nothing. Skips need no
/// copy: the writer sets them where structs leave a gap.
bool copy_from(std::uint64_t have, update_reader& in, section_writer& section, std::string& out) {
    std::string cut; // only the first struct can need one
    struct_view s;
    section.start(in.client());
    while (in.next_struct(s)) {
        if (s.ref() == content_ref::skip || s.end() <= have) continue;
        section.put(s.clock >= have ? s : slice(s, in.client(), have - s.clock, cut));
    }
    return section.finish(out);
}

} // namespace

result<std::string> diff_update(std::string_view update, const state_vector& known) {
    update_reader in{update, no_limits};
    section_writer section{neighbours::keep};
    std::string sections;
    std::uint64_t count = 0;
    while (in.next_section()) {
        const auto have = known.find(in.client());
        if (copy_from(have == known.end() ? 0 : have->second, in, section, sections)) ++count;
    }
    const auto deleted = in.delete_set();
    deleted_range range;
    while (in.next_deleted(range)) {
    }
    if (const auto done = in.finished(); !done) return done.error();
    std::string out;
    write_var_uint(out, count);
    out.append(sections).append(deleted);
    return out;
}

} // namespace studium::yjs
