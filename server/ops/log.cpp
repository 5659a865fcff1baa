#include "server/ops/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <memory>

namespace studium::log {

namespace {

constexpr std::size_t max_text_bytes = 256;
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

std::atomic<level> least_level{level::info};
std::atomic<format> line_format{format::logfmt};

spdlog::logger& output() {
    // spdlog serialises the writers and writes each line at once. Never destroyed: a thread that outlives
    // main() may still log.
    static auto* const logger = [] {
        auto* made = new spdlog::logger{"studium", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace); // least_level has decided before
        return made;
    }();
    return *logger;
}

spdlog::level::level_enum spdlog_level(level at) noexcept {
    switch (at) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warn: return spdlog::level::warn;
    case level::error: break;
    }
    return spdlog::level::err;
}

void append_time(std::string& line, std::chrono::system_clock::time_point when) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(when);
    const auto millis = static_cast<int>(duration_cast<milliseconds>(when - whole).count());
    const std::time_t unix_time = system_clock::to_time_t(whole);
    std::tm utc{};
    gmtime_r(&unix_time, &utc);
    std::array<char, 48> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    line.append(text.data(), length);
    line += {'.', static_cast<char>('0' + millis / 100), static_cast<char>('0' + millis / 10 % 10),
             static_cast<char>('0' + millis % 10), 'Z'};
}

bool stands_bare(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
}

void append_quoted(std::string& line, std::string_view text) {
    const auto kept = text.substr(0, max_text_bytes);
    line += '"';
    for (const char c : kept) {
        if (c == '"' || c == '\\') line += '\\';
        line += c >= ' ' && c < 0x7f ? c : '?';
    }
    if (kept.size() < text.size()) line += "...";
    line += '"';
}

void append_text(std::string& line, format as, std::string_view text) {
    if (as == format::logfmt && text.size() <= max_text_bytes && stands_bare(text))
        line += text;
    else
        append_quoted(line, text);
}

void append_number(std::string& line, auto number) {
    std::array<char, 32> digits{};
    const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    line.append(digits.data(), end);
}

void append_double(std::string& line, format as, double number) {
    if (!std::isfinite(number)) return append_text(line, as, std::isnan(number) ? "nan" : "inf");
    std::array<char, 32> digits{};
    const auto [end, failure] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::general, 6);
    line.append(digits.data(), end);
}

struct value_writer {
    std::string& line;
    format as;
    void operator()(std::string_view text) const { append_text(line, as, text); }
    void operator()(std::int64_t number) const { append_number(line, number); }
    void operator()(std::uint64_t number) const { append_number(line, number); }
    void operator()(double number) const { append_double(line, as, number); }
    void operator()(bool flag) const { line += flag ? "true" : "false"; }
};

void append_key(std::string& line, format as, std::string_view key) {
    const bool first = line.empty() || line.back() == '{';
    if (as == format::json) {
        if (!first) line += ',';
        append_quoted(line, key);
        line += ':';
    } else {
        if (!first) line += ' ';
        line += key;
        line += '=';
    }
}

template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<std::string_view, N>& names,
                                    std::string_view word) noexcept {
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

} // namespace

std::optional<level> parse_level(std::string_view word) noexcept {
    const auto index = index_of(level_names, word);
    return index ? std::optional{static_cast<level>(*index)} : std::nullopt;
}

std::optional<format> parse_format(std::string_view word) noexcept {
    if (word == "logfmt") return format::logfmt;
    if (word == "json") return format::json;
    return std::nullopt;
}

void configure(level least, format as) noexcept {
    least_level.store(least, std::memory_order_relaxed);
    line_format.store(as, std::memory_order_relaxed);
}

bool enabled(level at) noexcept { return at >= least_level.load(std::memory_order_relaxed); }

void write(level at, std::string_view event, fields with) {
    if (!enabled(at)) return;
    const auto as = line_format.load(std::memory_order_relaxed);
    const auto line = render(as, std::chrono::system_clock::now(), at, event, with);
    output().log(spdlog_level(at), spdlog::string_view_t{line.data(), line.size()});
}

std::string render(format as, std::chrono::system_clock::time_point when, level at, std::string_view event,
                   fields with) {
    std::string line;
    line.reserve(128);
    if (as == format::json) line += '{';
    append_key(line, as, "time");
    if (as == format::json) line += '"';
    append_time(line, when);
    if (as == format::json) line += '"';
    append_key(line, as, "level");
    append_text(line, as, level_names.at(static_cast<std::size_t>(at)));
    append_key(line, as, "event");
    append_text(line, as, event);
    for (const auto& [key, value] : with) {
        append_key(line, as, key);
        std::visit(value_writer{line, as}, value.held());
    }
    if (as == format::json) line += '}';
    return line;
}

} // namespace studium::log
