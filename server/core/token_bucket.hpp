// How often something may be done: `rate` a second over time, `burst` at once.
#pragma once

#include <algorithm>
#include <chrono>

namespace studium {

class token_bucket {
public:
    using clock = std::chrono::steady_clock;
    token_bucket(double rate, double burst) : rate_{rate}, burst_{burst}, tokens_{burst} {}

    /// False where `now` is too soon; the time to wait is then `wait()`.
    bool take(clock::time_point now) {
        const double passed = std::chrono::duration<double>(now - last_).count();
        last_ = now;
        tokens_ = std::min(burst_, tokens_ + std::max(0.0, passed) * rate_);
        if (tokens_ < 1.0) return false;
        tokens_ -= 1.0;
        return true;
    }
    std::chrono::milliseconds wait() const {
        return std::chrono::milliseconds{static_cast<long>(1000.0 * (1.0 - tokens_) / rate_) + 1};
    }

private:
    double rate_, burst_, tokens_;
    clock::time_point last_ = clock::now();
};

} // namespace studium
