#include "server/edge/request_checks.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace studium::edge {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls `take` with each non-empty, trimmed element of a list; stops where it returns true.
template <class Take> bool any_of_list(std::string_view list, Take take) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        const auto element = trimmed(list.substr(0, comma));
        if (!element.empty() && take(element)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

template <class Take> bool any_of_field(const http_request& request, std::string_view name, Take take) {
    return std::any_of(request.fields.begin(), request.fields.end(),
                       [&](const auto& f) { return f.first == name && any_of_list(f.second, take); });
}

std::size_t count_of(const http_request& request, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(request.fields.begin(), request.fields.end(),
                                                  [&](const auto& f) { return f.first == name; }));
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// RFC 3629: shortest form, no surrogates, at most U+10FFFF.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80         ? 1
                                   : (lead >> 5) == 6  ? 2
                                   : (lead >> 4) == 14 ? 3
                                   : (lead >> 3) == 30 ? 4
                                                       : 0;
        if (length == 0 || length > text.size() - i) return false;
        std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3fU);
        }
        constexpr std::uint32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < shortest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return false;
        i += length;
    }
    return true;
}

/// Nothing for a bad escape, a control character or text that is no UTF-8.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return std::nullopt;
        out.push_back(c);
    }
    if (!is_utf8(out)) return std::nullopt;
    return out;
}

std::optional<std::string> decoded_path(std::string_view raw) {
    if (raw.empty() || raw.front() != '/') return std::nullopt;
    if (lower(raw).find("%2f") != std::string::npos || raw.find('\\') != std::string_view::npos)
        return std::nullopt;
    auto path = decoded(raw, false);
    if (!path) return std::nullopt;
    for (std::size_t at = 0; at < path->size();) {
        const auto next = std::min(path->find('/', at + 1), path->size());
        const auto segment = std::string_view{*path}.substr(at + 1, next - at - 1);
        if (segment == "." || segment == "..") return std::nullopt;
        at = next;
    }
    return path;
}

bool read_query(std::string_view raw, http_request& into) {
    while (!raw.empty()) {
        const auto end = std::min(raw.find('&'), raw.size());
        const auto pair = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decoded(pair.substr(0, equals), true);
        auto value = decoded(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) return false;
        into.query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

/// 16 bytes in base64 are 22 characters and "=="; the last character carries only two bits (RFC 4648).
bool is_websocket_key(std::string_view key) {
    if (key.size() != 24 || !key.ends_with("==")) return false;
    const auto in_alphabet = [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; };
    return std::all_of(key.begin(), key.begin() + 22, in_alphabet) &&
           std::string_view{"AQgw"}.find(key[21]) != std::string_view::npos;
}

} // namespace

bool read_target(std::string_view target, http_request& into) {
    if (lower(target.substr(0, 7)) == "http://") { // absolute form (RFC 9112, section 3.2.2)
        target.remove_prefix(7);
        target.remove_prefix(std::min(target.find('/'), target.size()));
    }
    if (target.find('#') != std::string_view::npos) return false;
    const auto question = std::min(target.find('?'), target.size());
    auto path = decoded_path(target.substr(0, question));
    if (!path) return false;
    into.path = std::move(*path);
    return question == target.size() || read_query(target.substr(question + 1), into);
}

std::optional<http_response> framing_fault(const http_request& request, bool http_1_1) {
    const auto lengths = count_of(request, "content-length");
    if (count_of(request, "transfer-encoding") != 0) {
        if (lengths != 0) return refusal(400, "malformed", "both Content-Length and Transfer-Encoding");
        return refusal(411, "malformed", "send a Content-Length; no transfer coding is taken");
    }
    const auto length = request.field("content-length");
    if (lengths > 1 || (length && length->find_first_not_of("0123456789") != std::string_view::npos))
        return refusal(400, "malformed", "Content-Length must be one number");
    const auto hosts = count_of(request, "host");
    if (hosts > 1 || (http_1_1 && hosts == 0)) return refusal(400, "malformed", "exactly one Host is needed");
    return std::nullopt;
}

bool has_token(const http_request& request, std::string_view field, std::string_view token) {
    return any_of_field(request, field, [&](std::string_view element) { return lower(element) == token; });
}

bool accepts_gzip(const http_request& request) {
    return any_of_field(request, "accept-encoding", [](std::string_view element) {
        const auto semicolon = std::min(element.find(';'), element.size());
        const auto coding = lower(trimmed(element.substr(0, semicolon)));
        if (coding != "gzip" && coding != "x-gzip" && coding != "*") return false;
        auto weight = lower(trimmed(element.substr(std::min(semicolon + 1, element.size()))));
        return !(weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string::npos);
    });
}

bool wants_websocket(const http_request& request) {
    return has_token(request, "upgrade", "websocket") && has_token(request, "connection", "upgrade");
}

std::optional<http_response> handshake_fault(const http_request& request, bool http_1_1) {
    if (!http_1_1) return refusal(400, "malformed", "a WebSocket needs HTTP/1.1");
    if (!wants_websocket(request)) {
        auto answer = refusal(426, "invalid", "this address speaks WebSocket");
        answer.fields.emplace_back("Upgrade", "websocket");
        return answer;
    }
    if (count_of(request, "sec-websocket-version") != 1 || request.field("sec-websocket-version") != "13") {
        auto answer = refusal(426, "invalid", "only WebSocket version 13 is spoken");
        answer.fields.emplace_back("Sec-WebSocket-Version", "13");
        return answer;
    }
    if (count_of(request, "sec-websocket-key") != 1 || !is_websocket_key(*request.field("sec-websocket-key")))
        return refusal(400, "malformed", "exactly one Sec-WebSocket-Key of 16 bytes in base64 is needed");
    if (!request.body.empty()) return refusal(400, "malformed", "an upgrade has no body");
    return std::nullopt;
}

std::string offered_protocol(const http_request& request) {
    std::string first;
    any_of_field(request, "sec-websocket-protocol", [&](std::string_view element) {
        first = element;
        return true;
    });
    const auto is_token = [](unsigned char c) { // RFC 9110, section 5.6.2
        return std::isalnum(c) != 0 ||
               std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c)) != std::string_view::npos;
    };
    return std::all_of(first.begin(), first.end(), is_token) ? first : std::string{};
}

} // namespace studium::edge
