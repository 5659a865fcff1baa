#include "server/redis/link.hpp"

#include <charconv>
#include <optional>
#include <sys/un.h>

namespace studium::redis {

namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (failure != std::errc{} || digits.size() != 2 || end != digits.data() + 2) return std::nullopt;
        out.push_back(static_cast<char>(value));
        i += 2;
    }
    return out;
}

result<endpoint> with_unix_socket(std::string_view path) {
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return errc::invalid;
    endpoint out;
    out.unix_socket = path;
    return out;
}

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failure == std::errc{} && end == text.data() + text.size() && port != 0;
}

// "host", "host:port", "[address]" or "[address]:port".
bool read_host_and_port(std::string_view text, endpoint& out) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto closing = text.find(']');
        if (closing == std::string_view::npos) return false;
        out.host = text.substr(1, closing - 1);
        port = text.substr(closing + 1);
    } else {
        const auto colon = text.find(':');
        out.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    }
    if (out.host.empty() || out.host.find_first_of("/@ \t") != std::string::npos) return false;
    return port.empty() || (port.starts_with(':') && read_port(port.substr(1), out.port));
}

// "user:password" or ":password"; each may be percent-encoded.
bool read_sign_in(std::string_view text, endpoint& out) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    auto user = percent_decoded(text.substr(0, colon));
    auto password = percent_decoded(text.substr(colon + 1));
    if (!user || !password || password->empty()) return false;
    out.user = std::move(*user);
    out.password = std::move(*password);
    return true;
}

} // namespace

std::string endpoint::text() const {
    if (!unix_socket.empty()) return "unix:" + unix_socket;
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

result<endpoint> endpoint::parse(std::string_view text) {
    if (text.starts_with("unix:")) return with_unix_socket(text.substr(5));
    if (text.starts_with('/')) return with_unix_socket(text);
    endpoint out;
    if (constexpr std::string_view scheme = "redis://"; text.starts_with(scheme)) {
        text.remove_prefix(scheme.size());
        if (text.ends_with('/')) text.remove_suffix(1);
        if (const auto at = text.rfind('@'); at != std::string_view::npos) {
            if (!read_sign_in(text.substr(0, at), out)) return errc::malformed;
            text.remove_prefix(at + 1);
        }
    }
    if (!read_host_and_port(text, out)) return errc::malformed;
    return out;
}

} // namespace studium::redis
