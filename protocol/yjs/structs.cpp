#include "protocol/yjs/structs.hpp"

#include "protocol/yjs/json_check.hpp"
#include "protocol/yjs/utf8.hpp"

namespace studium::yjs {
namespace {

constexpr std::size_t least_section = 5; // count, client, clock and one struct of two bytes
constexpr std::size_t least_struct = 2;
constexpr std::size_t least_delete_client = 2;
constexpr std::size_t least_range = 2;

unit_id read_id(reader& in) {
    const auto client = in.var_uint();
    return {client, in.var_uint()};
}

void write_id(std::string& out, unit_id id) {
    write_var_uint(out, id.client);
    write_var_uint(out, id.clock);
}

} // namespace

update_reader::update_reader(std::string_view update, const update_limits& limits)
    : in_{update}, limits_{limits} {
    if (update.size() > limits_.max_bytes) in_.fail(errc::too_large);
    sections_left_ = in_.count(least_section);
    if (sections_left_ > limits_.max_clients) in_.fail(errc::too_large);
}

bool update_reader::next_section() {
    if (!in_.ok() || sections_left_ == 0) return false;
    --sections_left_;
    const auto before = client_;
    structs_left_ = in_.count(least_struct);
    client_ = in_.var_uint();
    clock_ = in_.var_uint();
    // Every writer of Yjs puts the highest client first, and a client that comes twice loses its first
    // section in applyUpdate: strictly descending is what is read.
    if (structs_left_ == 0 || (!first_section_ && client_ >= before)) in_.fail();
    first_section_ = false;
    structs_seen_ += structs_left_;
    if (structs_seen_ > limits_.max_structs) in_.fail(errc::too_large);
    return in_.ok();
}

bool update_reader::next_struct(struct_view& out) {
    if (!in_.ok() || structs_left_ == 0) return false;
    --structs_left_;
    const char* const from = in_.position();
    const auto info = in_.byte();
    const auto ref = static_cast<content_ref>(info & 0x1f);
    const bool bare = ref == content_ref::gc || ref == content_ref::skip;
    if (bare && info != static_cast<std::uint8_t>(ref)) in_.fail();
    if (!bare) read_head(info);
    const auto content_at = static_cast<std::size_t>(in_.position() - from);
    const auto length = bare ? in_.var_uint() : read_content(ref);
    if (length == 0) in_.fail();
    if (length > limits_.max_struct_length) in_.fail(errc::too_large);
    if (length > max_safe_integer - clock_) in_.fail();
    if (!in_.ok()) return false;
    out = {clock_, length, in_.since(from), content_at};
    clock_ += length;
    return true;
}

void update_reader::read_head(std::uint8_t info) {
    if (info & has_origin) read_origin();
    if (info & has_right_origin) read_origin();
    if (info & (has_origin | has_right_origin)) return;
    const auto parent = in_.var_uint();
    if (parent == 1)
        in_.var_string(); // the name of a root type
    else if (parent == 0)
        read_origin();
    else
        in_.fail();
    if (info & has_parent_sub) in_.var_string();
}

/// A client knows only its own past: Yjs looks such a unit up without asking whether it is there, and throws.
void update_reader::read_origin() {
    const auto id = read_id(in_);
    if (id.client == client_ && id.clock >= clock_) in_.fail();
}

std::uint64_t update_reader::read_content(content_ref ref) {
    switch (ref) {
    case content_ref::deleted: return in_.var_uint();
    case content_ref::json: {
        const auto n = in_.count(1);
        for (std::uint64_t i = 0; i < n && in_.ok(); ++i) read_json();
        return n;
    }
    case content_ref::binary: in_.var_bytes(); return 1;
    case content_ref::string: {
        std::uint64_t units = 0;
        in_.var_string(&units);
        return units;
    }
    case content_ref::format:
        in_.var_string(); // its key
        [[fallthrough]];
    case content_ref::embed: {
        const auto json = check_json(in_.var_string(), limits_.max_depth);
        if (!json) in_.fail(json.error() == errc::too_large ? errc::too_large : errc::malformed);
        return 1;
    }
    case content_ref::type: {
        const auto kind = in_.var_uint();
        if (kind > 6) in_.fail();
        if (kind == 3 || kind == 5) in_.var_string(); // XmlElement and XmlHook have a name
        return 1;
    }
    case content_ref::any: {
        const auto n = in_.count(1);
        for (std::uint64_t i = 0; i < n && in_.ok(); ++i) skip_any(in_, limits_.max_depth);
        return n;
    }
    case content_ref::doc:
        in_.var_string(); // its guid
        read_doc_options();
        return 1;
    case content_ref::gc:
    case content_ref::skip: break;
    }
    in_.fail();
    return 0;
}

void update_reader::read_json() {
    const auto text = in_.var_string();
    if (text == "undefined") return;
    const auto json = check_json(text, limits_.max_depth);
    if (!json) in_.fail(json.error() == errc::too_large ? errc::too_large : errc::malformed);
}

/// Yjs reads members of it, so it must be an object; two that would overwrite what Yjs itself sets are
/// refused.
void update_reader::read_doc_options() {
    if (in_.byte() != 118) return in_.fail();
    const auto n = in_.count(2);
    for (std::uint64_t i = 0; i < n && in_.ok(); ++i) {
        const auto key = in_.var_string();
        if (key == "guid" || key == "gcFilter") return in_.fail();
        skip_any(in_, limits_.max_depth);
    }
}

bool update_reader::start_deletes() {
    if (deletes_started_) return in_.ok();
    deletes_started_ = true;
    delete_clients_left_ = in_.count(least_delete_client);
    return in_.ok();
}

bool update_reader::next_deleted(deleted_range& out) {
    if (!in_.ok() || !start_deletes()) return false;
    while (ranges_left_ == 0) {
        if (delete_clients_left_ == 0 || !in_.ok()) return false;
        --delete_clients_left_;
        delete_client_ = in_.var_uint();
        ranges_left_ = in_.count(least_range);
    }
    --ranges_left_;
    const auto clock = in_.var_uint();
    const auto length = in_.var_uint();
    if (length == 0 || length > max_safe_integer - clock) in_.fail();
    out = {delete_client_, clock, length};
    return in_.ok();
}

result<void> update_reader::finished() const {
    if (!in_.ok()) return in_.why();
    if (!in_.at_end()) return errc::malformed;
    return {};
}

struct_origins origins_of(const struct_view& s) {
    reader in{s.bytes.substr(1)};
    struct_origins out;
    if (s.info() & has_origin) out.left = read_id(in);
    if (s.info() & has_right_origin) out.right = read_id(in);
    return out;
}

namespace {

void write_sliced_head(std::string& out, const struct_view& s, unit_id before_cut) {
    const auto right = origins_of(s).right;
    const auto info = static_cast<std::uint8_t>(s.ref()) | has_origin | (right ? has_right_origin : 0);
    out.push_back(static_cast<char>(info));
    write_id(out, before_cut);
    if (right) write_id(out, *right);
}

void write_sliced_content(std::string& out, const struct_view& s, std::uint64_t units) {
    reader in{s.content()};
    switch (s.ref()) {
    case content_ref::string: return write_string_from(out, in.var_bytes(), units);
    case content_ref::json:
    case content_ref::any:
        in.var_uint();
        for (std::uint64_t i = 0; i < units; ++i) {
            if (s.ref() == content_ref::json)
                in.var_bytes();
            else
                skip_any(in, no_limits.max_depth);
        }
        write_var_uint(out, s.length - units);
        out.append(in.position(), in.left());
        return;
    default: // GC, Skip and Deleted are a length; the others are one unit long and never cut
        return write_var_uint(out, s.length - units);
    }
}

} // namespace

struct_view slice(const struct_view& s, std::uint64_t client, std::uint64_t units, std::string& bytes) {
    bytes.clear();
    if (s.ref() == content_ref::gc || s.ref() == content_ref::skip)
        bytes.push_back(s.bytes.front());
    else
        write_sliced_head(bytes, s, {client, s.clock + units - 1});
    const auto content_at = bytes.size();
    write_sliced_content(bytes, s, units);
    return {s.clock + units, s.length - units, bytes, content_at};
}

} // namespace studium::yjs
