#include "server/ops/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace studium::metrics {

namespace {

bool is_name(std::string_view name, bool colon_allowed) {
    const auto letter = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon_allowed && c == ':');
    };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string_view word_for(kind which) {
    switch (which) {
    case kind::counter: return "counter";
    case kind::gauge: return "gauge";
    case kind::histogram: break;
    }
    return "histogram";
}

void append(std::string& page, std::uint64_t number) { page += std::to_string(number); }
void append(std::string& page, std::int64_t number) { page += std::to_string(number); }

void append(std::string& page, double number) {
    if (std::isnan(number)) {
        page += "NaN";
    } else if (std::isinf(number)) {
        page += number > 0 ? "+Inf" : "-Inf";
    } else {
        std::array<char, 32> digits{};
        page.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
    }
}

void append_escaped(std::string& page, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\n') {
            page += "\\n";
        } else {
            if (c == '\\' || (quotes && c == '"')) page += '\\';
            page += c;
        }
    }
}

void append_labels(std::string& page, const labels& with) {
    if (with.empty()) return;
    char before = '{';
    for (const auto& [name, value] : with) {
        page += before;
        page += name;
        page += "=\"";
        append_escaped(page, value, true);
        page += '"';
        before = ',';
    }
    page += '}';
}

void append_sample(std::string& page, const std::string& name, const labels& with, auto number) {
    page += name;
    append_labels(page, with);
    page += ' ';
    append(page, number);
    page += '\n';
}

void append_histogram(std::string& page, const std::string& name, const labels& with, const histogram& of) {
    std::uint64_t so_far = 0;
    auto in_bucket = with;
    in_bucket.emplace_back("le", "");
    for (std::size_t i = 0; i <= of.upper_bounds().size(); ++i) {
        auto& bound = in_bucket.back().second;
        bound.clear();
        append(bound, i < of.upper_bounds().size() ? of.upper_bounds()[i] : HUGE_VAL);
        so_far += of.in_bucket(i);
        append_sample(page, name + "_bucket", in_bucket, so_far);
    }
    append_sample(page, name + "_sum", with, of.sum());
    append_sample(page, name + "_count", with, so_far);
}

void check(kind which, const std::string& name, const labels& with) {
    const bool good = is_name(name, true) && std::all_of(with.begin(), with.end(), [](const auto& label) {
                          return is_name(label.first, false) && label.first != "le";
                      });
    if (!good) throw std::logic_error{"no Prometheus name: " + name};
    if (which == kind::counter && !name.ends_with("_total"))
        throw std::logic_error{"a counter's name ends in _total: " + name};
}

} // namespace

histogram::histogram(std::vector<double> upper_bounds)
    : bounds_{std::move(upper_bounds)}, buckets_{new std::atomic<std::uint64_t>[bounds_.size() + 1] {}} {
    if (!std::is_sorted(bounds_.begin(), bounds_.end(), std::less_equal<>{}))
        throw std::logic_error{"a histogram's bounds ascend"};
}

void histogram::observe(double value) noexcept {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t histogram::in_bucket(std::size_t i) const noexcept {
    return buckets_[i].load(std::memory_order_relaxed);
}

std::vector<double> latency_buckets() {
    return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

counter& registry::add_counter(std::string name, std::string help, labels with) {
    auto made = std::make_shared<counter>();
    add(kind::counter, std::move(name), std::move(help),
        {std::move(with), [made](std::string& page, const std::string& n, const labels& l) {
             append_sample(page, n, l, made->value());
         }});
    return *made;
}

gauge& registry::add_gauge(std::string name, std::string help, labels with) {
    auto made = std::make_shared<gauge>();
    add(kind::gauge, std::move(name), std::move(help),
        {std::move(with), [made](std::string& page, const std::string& n, const labels& l) {
             append_sample(page, n, l, made->value());
         }});
    return *made;
}

histogram& registry::add_histogram(std::string name, std::string help, std::vector<double> upper_bounds,
                                   labels with) {
    auto made = std::make_shared<histogram>(std::move(upper_bounds));
    add(kind::histogram, std::move(name), std::move(help),
        {std::move(with), [made](std::string& page, const std::string& n, const labels& l) {
             append_histogram(page, n, l, *made);
         }});
    return *made;
}

void registry::add_read(kind which, std::string name, std::string help, std::function<double()> read,
                        labels with) {
    if (which == kind::histogram) throw std::logic_error{"a histogram is more than one number: " + name};
    add(which, std::move(name), std::move(help),
        {std::move(with), [read = std::move(read)](std::string& page, const std::string& n, const labels& l) {
             append_sample(page, n, l, read());
         }});
}

void registry::add(kind which, std::string name, std::string help, series one) {
    check(which, name, one.with);
    const std::lock_guard lock{mutex_};
    auto found =
        std::find_if(families_.begin(), families_.end(), [&](const family& f) { return f.name == name; });
    if (found == families_.end())
        found = families_.insert(families_.end(), {std::move(name), std::move(help), which, {}});
    const bool twice = std::any_of(found->all.begin(), found->all.end(),
                                   [&](const series& other) { return other.with == one.with; });
    if (found->kind != which || twice) throw std::logic_error{"a metric registered twice: " + found->name};
    found->all.push_back(std::move(one));
}

std::string registry::render() const {
    const std::lock_guard lock{mutex_};
    std::string page;
    for (const auto& f : families_) {
        page += "# HELP " + f.name + ' ';
        append_escaped(page, f.help, false);
        page += "\n# TYPE " + f.name + ' ';
        page += word_for(f.kind);
        page += '\n';
        for (const auto& s : f.all) s.write(page, f.name, s.with);
    }
    return page;
}

} // namespace studium::metrics
