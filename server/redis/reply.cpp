#include "server/redis/reply.hpp"

namespace studium::redis {

std::string_view reply::error_code() const noexcept {
    if (!is_error()) return {};
    return std::string_view{text}.substr(0, text.find(' '));
}

} // namespace studium::redis
