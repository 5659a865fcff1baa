#include "load-tests/scenarios.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>

namespace studium::load {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

void row(const char* what, double value, const char* unit, int decimals = 1) {
    std::printf("  %-38s %14.*f %s\n", what, decimals, value, unit);
}

void print_losses(const std::map<std::string, std::size_t>& losses) {
    for (const auto& [why, count] : losses) std::printf("  LOST %zu connections: %s\n", count, why.c_str());
}

nlohmann::json heading(const options& o) {
    return {{"scenario", o.scenario}, {"label", o.label}, {"groups", o.groups}, {"members", o.members}};
}

} // namespace

void report(const options& o, const typing_figures& f) {
    const auto delivered = static_cast<double>(f.delivered_in_time);
    const double server_us = share(f.server_cpu_seconds * 1e6, delivered);
    const double redis_us = share(f.redis_cpu_seconds * 1e6, delivered);
    const double own_us = share(f.own_cpu_seconds * 1e6, delivered);
    const double per_second = share(delivered, f.seconds_measured);
    const double delivered_share =
        share(static_cast<double>(f.deliveries), static_cast<double>(f.deliveries_expected));

    if (!o.json_only) {
        std::printf("%s: %zu groups of %zu, %.2g edits/s each with a cursor, %.1f s\n", o.label.c_str(),
                    o.groups, o.members, o.rate, f.seconds_measured);
        row("edits delivered", per_second, "/s", 0);
        row("delivered of expected", delivered_share * 100, "%", 3);
        row("latency p50", f.p50_ms, "ms", 2);
        row("latency p99", f.p99_ms, "ms", 2);
        row("latency max", f.max_ms, "ms", 2);
        if (o.server_pid != 0) row("server CPU per delivered edit", server_us, "µs");
        if (o.redis_pid != 0) row("Redis CPU per delivered edit", redis_us, "µs");
        if (o.server_pid != 0)
            row("server memory", static_cast<double>(f.server_resident_bytes) / 1048576, "MiB");
        row("cursors delivered", share(static_cast<double>(f.cursors_in_time), f.seconds_measured), "/s", 0);
        row("frames per read at the clients", f.frames_per_read, "", 2);
        row("characters that came twice", static_cast<double>(f.duplicates), "", 0);
        row("generator: CPU per delivered edit", own_us, "µs");
        row("generator: late by, p99", f.lateness_p99_ms, "ms", 2);
        print_losses(f.losses);
    }
    auto line = heading(o);
    line.update({{"rate", o.rate},
                 {"seconds", f.seconds_measured},
                 {"edits_sent", f.edits_sent},
                 {"deliveries_expected", f.deliveries_expected},
                 {"deliveries", f.deliveries},
                 {"delivered_share", delivered_share},
                 {"duplicates", f.duplicates},
                 {"delivered_per_second", per_second},
                 {"cursors_per_second", share(static_cast<double>(f.cursors_in_time), f.seconds_measured)},
                 {"p50_ms", f.p50_ms},
                 {"p99_ms", f.p99_ms},
                 {"max_ms", f.max_ms},
                 {"lateness_p99_ms", f.lateness_p99_ms},
                 {"server_cpu_us_per_delivery", server_us},
                 {"redis_cpu_us_per_delivery", redis_us},
                 {"generator_cpu_us_per_delivery", own_us},
                 {"server_resident_bytes", f.server_resident_bytes},
                 {"frames_per_read", f.frames_per_read},
                 {"longest_silence_s", f.longest_silence_seconds},
                 {"seed", o.seed},
                 {"losses", f.losses}});
    std::cout << line.dump() << std::endl;
}

void report(const options& o, const idle_figures& f) {
    if (!o.json_only) {
        std::printf("%s: idle connections, each with a cursor that is renewed every 15 s\n", o.label.c_str());
        for (const auto& reading : f.readings) {
            const auto what = std::to_string(reading.connections) + " connections";
            row(what.c_str(), static_cast<double>(reading.resident_bytes) / 1048576, "MiB resident");
        }
        row("memory per connection", f.bytes_per_connection / 1024, "KiB", 2);
        row("CPU per connection and second", f.cpu_us_per_connection_second, "µs", 2);
        row("longest silence", f.longest_silence_seconds, "s");
        print_losses(f.losses);
    }
    auto line = heading(o);
    auto readings = nlohmann::json::array();
    for (const auto& reading : f.readings) readings.push_back({reading.connections, reading.resident_bytes});
    line.update({{"readings", readings},
                 {"bytes_per_connection", f.bytes_per_connection},
                 {"cpu_us_per_connection_second", f.cpu_us_per_connection_second},
                 {"longest_silence_s", f.longest_silence_seconds},
                 {"seed", o.seed},
                 {"losses", f.losses}});
    std::cout << line.dump() << std::endl;
}

} // namespace studium::load
