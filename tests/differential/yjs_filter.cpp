// Our side of the differential test: commands on stdin, answers on stdout.
//
//   command := u8 name, u32 number of arguments, each: u32 size, bytes      (little-endian)
//   answer  := u8 1, u32 size, bytes                 or  u8 0, u32 size, name of the error
//
// c check (update) · m merge, j merge and join (updates) · d diff (update, state vector)
// s state vector of (update) · t store: adds all but the last, answers what that state vector lacks
// a awareness table: takes every update, answers a byte per entry: taken or not
#include "protocol/yjs/awareness.hpp"
#include "protocol/yjs/update_store.hpp"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace studium;
using arguments = std::vector<std::string>;

bool read_exactly(void* to, std::size_t size) { return std::fread(to, 1, size, stdin) == size; }

bool read_size(std::uint32_t& out) {
    unsigned char b[4];
    if (!read_exactly(b, sizeof b)) return false;
    out = b[0] | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[3]} << 24;
    return true;
}

bool read_command(char& name, arguments& args) {
    std::uint32_t count = 0;
    if (!read_exactly(&name, 1) || !read_size(count)) return false;
    args.assign(count, {});
    for (auto& arg : args) {
        std::uint32_t size = 0;
        if (!read_size(size)) return false;
        arg.resize(size);
        if (!read_exactly(arg.data(), size)) return false;
    }
    return true;
}

void write_answer(const result<std::string>& answer) {
    const std::string body = answer ? *answer : answer.error().message();
    const char ok = answer ? 1 : 0;
    std::fwrite(&ok, 1, 1, stdout);
    for (unsigned shift = 0; shift < 32; shift += 8)
        std::fputc(static_cast<int>(body.size() >> shift & 0xff), stdout);
    std::fwrite(body.data(), 1, body.size(), stdout);
    std::fflush(stdout);
}

result<std::string> merged(const arguments& args, yjs::neighbours how) {
    const std::vector<std::string_view> views(args.begin(), args.end());
    return yjs::merge_updates(views, how);
}

result<std::string> difference(const std::string& update, const std::string& state_vector) {
    const auto known = yjs::decode_state_vector(state_vector);
    if (!known) return known.error();
    return yjs::diff_update(update, *known);
}

/// Reads in between, as a room does whenever somebody joins.
result<std::string> stored(const arguments& args) {
    const auto known = yjs::decode_state_vector(args.back());
    if (!known) return known.error();
    yjs::update_store store;
    for (std::size_t i = 0; i + 1 < args.size(); ++i) {
        store.add(args[i]);
        if (i % 97 == 96) store.known();
    }
    return store.diff(*known);
}

result<std::string> shown(const arguments& args) {
    yjs::awareness_table table;
    std::string out;
    for (const auto& update : args) {
        const auto entries = yjs::read_awareness(update);
        if (!entries) return entries.error();
        for (const auto& entry : *entries) out.push_back(table.accept(entry) ? 1 : 0);
    }
    return out;
}

result<std::string> answer(char name, const arguments& args) {
    switch (name) {
    case 'c': {
        const auto facts = yjs::check_update(args.at(0));
        if (!facts) return facts.error();
        return std::string{};
    }
    case 'm': return merged(args, yjs::neighbours::keep);
    case 'j': return merged(args, yjs::neighbours::join);
    case 'd': return difference(args.at(0), args.at(1));
    case 's': {
        const auto known = yjs::state_vector_of(args.at(0));
        if (!known) return known.error();
        return yjs::encode_state_vector(*known);
    }
    case 't': return stored(args);
    case 'a': return shown(args);
    default: return errc::invalid;
    }
}

} // namespace

int main() {
    char name = 0;
    arguments args;
    while (read_command(name, args)) write_answer(answer(name, args));
}
