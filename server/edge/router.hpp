// Which route serves a request.
#pragma once

#include "server/edge/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace studium::edge {

/// Whether `pattern` (exact, or a prefix that ends in "/*") names `path`.
bool matches(std::string_view pattern, std::string_view path);

class router {
public:
    explicit router(std::vector<route> routes) : routes_{std::move(routes)} {}

    struct found {
        const route* serves; // nullptr where no route has both path and method
        std::string allowed; // the methods of the routes that have the path, as an Allow field lists them
    };
    /// An exact path wins over a prefix, and a longer prefix over a shorter one. HEAD is served as GET.
    found find(std::string_view method, std::string_view path) const;

private:
    std::vector<route> routes_;
};

} // namespace studium::edge
