// Counters, gauges and histograms in Prometheus' text exposition format 0.0.4.
//
// Written by hand on purpose: a hundred lines here, against twenty Debian packages that prometheus-cpp brings
// along.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace studium::metrics {

/// Labels are fixed when a metric is made: their values come from the code (a worker's number, a kind of
/// room), never from a client, so that the number of time series is bounded.
using labels = std::vector<std::pair<std::string, std::string>>;

// A cache line each: neighbours that are counted by different workers do not slow each other down.

class alignas(64) counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class alignas(64) gauge {
public:
    void set(std::int64_t v) noexcept { value_.store(v, std::memory_order_relaxed); }
    void add(std::int64_t n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

class alignas(64) histogram {
public:
    /// `upper_bounds` ascend; values above the last fall in +Inf.
    explicit histogram(std::vector<double> upper_bounds);

    /// O(log buckets). A reader may see the bucket before the sum: each is right by itself.
    void observe(double value) noexcept;

    const std::vector<double>& upper_bounds() const noexcept { return bounds_; }
    /// Of bucket i alone, not cumulative; i == upper_bounds().size() is +Inf.
    std::uint64_t in_bucket(std::size_t i) const noexcept;
    double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
    std::vector<double> bounds_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
    std::atomic<double> sum_{0};
};

/// 1 ms to 10 s, in seconds: what a person at a keyboard can tell apart, and a little finer.
std::vector<double> latency_buckets();

enum class kind { counter, gauge, histogram };

/// Owns the metrics; they live as long as it does, so that a reference is all a user needs to keep.
/// Registering locks and allocates; counting does neither.
class registry {
public:
    registry() = default;
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    /// Names follow Prometheus' rules ([a-zA-Z_:][a-zA-Z0-9_:]*, counters end in _total). A bad name, one
    /// name with two kinds, or one name twice with the same labels is a bug: std::logic_error.
    counter& add_counter(std::string name, std::string help, labels = {});
    gauge& add_gauge(std::string name, std::string help, labels = {});
    histogram& add_histogram(std::string name, std::string help, std::vector<double> upper_bounds,
                             labels = {});
    /// A number that is kept elsewhere, read at every render() on the renderer's thread.
    void add_read(kind, std::string name, std::string help, std::function<double()> read, labels = {});

    /// The page for GET /metrics; send it as `content_type`. Families stand in the order of registration.
    std::string render() const;
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct series { // owns its metric through its writer
        labels with;
        std::function<void(std::string& page, const std::string& name, const labels&)> write;
    };
    struct family {
        std::string name, help;
        metrics::kind kind;
        std::vector<series> all;
    };

    void add(kind, std::string name, std::string help, series);

    mutable std::mutex mutex_;
    std::vector<family> families_;
};

} // namespace studium::metrics
