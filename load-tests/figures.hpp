// Latencies in few bytes: quantiles within 1 % whatever their range.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace studium::load {

/// Counts in buckets of 1/64 of a power of two of microseconds.
class histogram {
public:
    void add(std::int64_t microseconds);
    /// The smallest value that `share` (0 to 1) of all are not above, in milliseconds; 0 where none was
    /// added.
    double quantile_ms(double share) const;
    double max_ms() const noexcept { return static_cast<double>(max_) / 1000; }
    std::uint64_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t steps = 64, powers = 40;
    static std::size_t bucket_of(std::uint64_t microseconds);
    static std::uint64_t upper_bound_of(std::size_t bucket);

    std::array<std::uint64_t, steps * powers> buckets_{};
    std::uint64_t count_ = 0;
    std::int64_t max_ = 0;
};

/// The slope of a least-squares line through (x, y) pairs.
double slope(const double* x, const double* y, std::size_t count);

} // namespace studium::load
