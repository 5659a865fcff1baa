#include "server/edge/router.hpp"

#include <algorithm>

namespace studium::edge {

bool matches(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with("/*")) return pattern == path;
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

router::found router::find(std::string_view method, std::string_view path) const {
    const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
    const auto rank = [](const route& r) {
        return r.path.ends_with("/*") ? r.path.size() : std::string::npos;
    };
    found best{nullptr, {}};
    for (const auto& r : routes_) {
        if (!matches(r.path, path)) continue;
        const std::string_view takes = r.gate ? std::string_view{"GET"} : std::string_view{r.method};
        if (std::find(best.allowed.begin(), best.allowed.end(), takes) == best.allowed.end())
            best.allowed.emplace_back(takes);
        const bool same = takes == wanted && !(r.gate && method == "HEAD");
        if (same && (!best.serves || rank(r) > rank(*best.serves))) best.serves = &r;
    }
    return best;
}

} // namespace studium::edge
