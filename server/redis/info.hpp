// The answer of INFO: lines of "name:value".
#pragma once

#include <string_view>

namespace studium::redis {

/// Empty where there is no such field.
inline std::string_view info_field(std::string_view info, std::string_view name) {
    for (std::size_t at = 0; at < info.size();) {
        const auto line = info.substr(at, info.find("\r\n", at) - at);
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
            return line.substr(name.size() + 1);
        at += line.size() + 2;
    }
    return {};
}

} // namespace studium::redis
