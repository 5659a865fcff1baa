#include "protocol/yjs/update.hpp"

#include "protocol/yjs/structs.hpp"

namespace studium::yjs {

result<update_facts> check_update(std::string_view update, const update_limits& limits) {
    update_reader in{update, limits};
    update_facts facts;
    struct_view s;
    while (in.next_section()) {
        const auto first = in.clock();
        while (in.next_struct(s)) facts.structs += s.ref() == content_ref::skip ? 0 : 1;
        facts.sections.push_back({in.client(), first, in.clock()});
    }
    deleted_range range;
    while (in.next_deleted(range)) ++facts.deleted_ranges;
    if (const auto done = in.finished(); !done) return done.error();
    return facts;
}

result<state_vector> state_vector_of(std::string_view update) {
    update_reader in{update, no_limits};
    state_vector out;
    struct_view s;
    while (in.next_section()) {
        const auto client = in.client();
        bool contiguous = in.clock() == 0;
        std::uint64_t end = 0;
        while (in.next_struct(s)) {
            contiguous = contiguous && s.ref() != content_ref::skip;
            if (contiguous) end = s.end();
        }
        if (end != 0) out.emplace_hint(out.end(), client, end);
    }
    deleted_range range;
    while (in.next_deleted(range)) {
    }
    if (const auto done = in.finished(); !done) return done.error();
    return out;
}

std::string encode_state_vector(const state_vector& known) {
    std::string out;
    write_var_uint(out, known.size());
    for (const auto& [client, clock] : known) {
        write_var_uint(out, client);
        write_var_uint(out, clock);
    }
    return out;
}

result<state_vector> decode_state_vector(std::string_view bytes, std::size_t max_clients) {
    reader in{bytes};
    const auto n = in.count(2);
    if (n > max_clients) return errc::too_large;
    state_vector out;
    for (std::uint64_t i = 0; i < n && in.ok(); ++i) {
        const auto client = in.var_uint();
        const auto clock = in.var_uint();
        const auto before = out.size();
        out.emplace_hint(out.end(), client, clock);
        if (out.size() == before) in.fail(); // a client twice
    }
    if (!in.ok() || !in.at_end()) return errc::malformed;
    return out;
}

} // namespace studium::yjs
