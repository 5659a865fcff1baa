#include "protocol/yjs/sync.hpp"

#include "protocol/yjs/lib0.hpp"

namespace studium::yjs {
namespace {

enum : std::uint64_t { sync_type, awareness_type, auth_type, query_awareness_type };
enum : std::uint64_t { step_1, step_2, update_step };

result<message> read_sync(reader& in) {
    const auto step = in.var_uint();
    const auto body = in.var_bytes();
    if (!in.ok() || !in.at_end()) return errc::malformed;
    if (step == step_2) return sync_step_2{body};
    if (step == update_step) return sync_update{body};
    if (step != step_1) return errc::malformed;
    auto known = decode_state_vector(body);
    if (!known) return known.error();
    return sync_step_1{std::move(*known)};
}

/// Only servers send it; its content is of no use here, yet it must be whole.
result<message> read_auth(reader& in) {
    if (in.var_uint() != 0) return errc::malformed;
    in.var_string();
    if (!in.ok() || !in.at_end()) return errc::malformed;
    return auth_message{};
}

std::string write_sync(std::uint64_t step, std::string_view body) {
    std::string out;
    out.reserve(body.size() + 8);
    write_var_uint(out, sync_type);
    write_var_uint(out, step);
    write_var_bytes(out, body);
    return out;
}

} // namespace

result<message> read_message(std::string_view payload) {
    reader in{payload};
    const auto type = in.var_uint();
    if (!in.ok()) return errc::malformed;
    switch (type) {
    case sync_type: return read_sync(in);
    case awareness_type: {
        const auto update = in.var_bytes();
        if (!in.ok() || !in.at_end()) return errc::malformed;
        return awareness_message{update};
    }
    case auth_type: return read_auth(in);
    case query_awareness_type:
        if (!in.at_end()) return errc::malformed;
        return query_awareness{};
    default: return errc::malformed;
    }
}

std::string write_sync_step_1(const state_vector& known) {
    return write_sync(step_1, encode_state_vector(known));
}
std::string write_sync_step_2(std::string_view update) { return write_sync(step_2, update); }
std::string write_sync_update(std::string_view update) { return write_sync(update_step, update); }

std::string write_awareness(std::string_view awareness_update) {
    std::string out;
    write_var_uint(out, awareness_type);
    write_var_bytes(out, awareness_update);
    return out;
}

std::string write_permission_denied(std::string_view reason) {
    std::string out;
    write_var_uint(out, auth_type);
    write_var_uint(out, 0);
    write_var_bytes(out, reason);
    return out;
}

} // namespace studium::yjs
