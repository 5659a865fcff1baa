#include "protocol/collab/y_websocket.hpp"

#include "protocol/yjs/lib0.hpp"

namespace studium::collab {
namespace {

std::string write_pair(std::uint64_t type, std::uint64_t value) {
    std::string out;
    yjs::write_var_uint(out, type);
    yjs::write_var_uint(out, value);
    return out;
}

} // namespace

std::string write_stored(std::uint64_t count) { return write_pair(stored_type, count); }
std::string write_storage(bool available) { return write_pair(storage_type, available ? 1 : 0); }

} // namespace studium::collab
