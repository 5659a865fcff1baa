#include "load-tests/figures.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace studium::load {

std::size_t histogram::bucket_of(std::uint64_t microseconds) {
    if (microseconds < steps) return microseconds;
    const auto power = static_cast<std::size_t>(std::bit_width(microseconds)) - 7; // keeps 7 leading bits
    const std::size_t bucket = (power + 1) * steps + ((microseconds >> power) - steps);
    return std::min(bucket, steps * powers - 1);
}

std::uint64_t histogram::upper_bound_of(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const std::size_t power = bucket / steps - 1;
    return ((bucket % steps + steps + 1) << power) - 1;
}

void histogram::add(std::int64_t microseconds) {
    const auto value = std::max<std::int64_t>(microseconds, 0);
    ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
    ++count_;
    max_ = std::max(max_, value);
}

double histogram::quantile_ms(double share) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= wanted && seen > 0)
            return std::min(static_cast<double>(upper_bound_of(i)), static_cast<double>(max_)) / 1000;
    }
    return max_ms();
}

double slope(const double* x, const double* y, std::size_t count) {
    double mean_x = 0, mean_y = 0, covariance = 0, variance = 0;
    for (std::size_t i = 0; i < count; ++i) {
        mean_x += x[i] / static_cast<double>(count);
        mean_y += y[i] / static_cast<double>(count);
    }
    for (std::size_t i = 0; i < count; ++i) {
        covariance += (x[i] - mean_x) * (y[i] - mean_y);
        variance += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return variance > 0 ? covariance / variance : 0;
}

} // namespace studium::load
