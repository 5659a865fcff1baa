#include "protocol/base/result.hpp"

#include <string>

namespace studium {

std::string_view name_of(errc e) noexcept {
    switch (e) {
    case errc::malformed: return "malformed";
    case errc::too_large: return "too_large";
    case errc::not_found: return "not_found";
    case errc::forbidden: return "forbidden";
    case errc::not_signed_in: return "not_signed_in";
    case errc::full: return "full";
    case errc::rate_limited: return "rate_limited";
    case errc::conflict: return "conflict";
    case errc::invalid: return "invalid";
    case errc::timed_out: return "timed_out";
    case errc::store_unavailable: return "store_unavailable";
    case errc::indeterminate: return "indeterminate";
    case errc::closed: return "closed";
    }
    return "unknown";
}

const boost::system::error_category& studium_category() noexcept {
    struct category final : boost::system::error_category {
        const char* name() const noexcept override { return "studium"; }
        std::string message(int value) const override {
            return std::string{name_of(static_cast<errc>(value))};
        }
    };
    static const category instance;
    return instance;
}

} // namespace studium
