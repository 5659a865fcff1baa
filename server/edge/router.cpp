#include "server/edge/router.hpp"

#include <algorithm>

namespace studium::edge {

namespace {

void add_method(std::string& list, std::string_view method) {
    const auto separated = ", " + list + ", ";
    if (separated.find(", " + std::string{method} + ", ") != std::string::npos) return;
    list.append(list.empty() ? "" : ", ").append(method);
}

} // namespace

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
        add_method(best.allowed, takes);
        if (takes == "GET" && !r.gate) add_method(best.allowed, "HEAD");
        const bool same = takes == wanted && !(r.gate && method == "HEAD");
        if (same && (!best.serves || rank(r) > rank(*best.serves))) best.serves = &r;
    }
    return best;
}

} // namespace studium::edge
