#include "server/edge/http.hpp"

#include "server/edge/request_checks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace studium::edge {

namespace {

std::optional<std::string_view> first_of(const std::vector<std::pair<std::string, std::string>>& pairs,
                                         std::string_view name) {
    const auto it = std::find_if(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == name; });
    if (it == pairs.end()) return std::nullopt;
    return it->second;
}

int status_of(errc kind) {
    switch (kind) {
    case errc::malformed:
    case errc::invalid: return 400;
    case errc::not_signed_in: return 401;
    case errc::forbidden: return 403;
    case errc::not_found: return 404;
    case errc::conflict: return 409;
    case errc::too_large: return 413;
    case errc::rate_limited: return 429;
    case errc::full:
    case errc::store_unavailable:
    case errc::indeterminate:
    case errc::closed: return 503;
    case errc::timed_out: return 504;
    }
    return 500;
}

} // namespace

std::optional<std::string_view> http_request::query_value(std::string_view name) const {
    return first_of(query, name);
}

std::optional<std::string_view> http_request::field(std::string_view name) const {
    return first_of(fields, name);
}

std::optional<std::string_view> http_request::token() const {
    if (const auto authorization = field("authorization")) {
        constexpr std::string_view scheme = "bearer ";
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
        if (authorization->size() > scheme.size() &&
            std::equal(scheme.begin(), scheme.end(), authorization->begin(),
                       [&](char s, char a) { return same(a, s); }))
            return authorization->substr(
                std::min(authorization->find_first_not_of(' ', 6), authorization->size()));
    }
    return query_value("token");
}

http_response error_response(errc kind, std::string_view message) {
    const int status = status_of(kind);
    auto answer = refusal(status, name_of(kind), message);
    if (status == 429 || status == 503) answer.fields.emplace_back("Retry-After", status == 429 ? "5" : "2");
    if (status == 401) answer.fields.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
}

http_response refusal(int status, std::string_view kind, std::string_view message) {
    const nlohmann::json body{{"error", {{"kind", kind}, {"message", message}}}};
    http_response answer;
    answer.status = status;
    answer.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return answer;
}

} // namespace studium::edge
