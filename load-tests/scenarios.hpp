// The scenarios and what they find.
#pragma once

#include "load-tests/options.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace studium::load {

struct typing_figures {
    double seconds_measured = 0;
    std::uint64_t edits_sent = 0;          // inside the measurement
    std::uint64_t deliveries_expected = 0; // of those edits: one for every other member of the group
    std::uint64_t deliveries = 0;          // of those edits, until the end of the drain
    std::uint64_t duplicates = 0;          // characters that came to one member twice
    std::uint64_t delivered_in_time = 0;   // edits that arrived inside the measurement
    std::uint64_t cursors_in_time = 0;     // cursor entries of others, likewise
    double p50_ms = 0, p99_ms = 0, max_ms = 0;
    double lateness_p99_ms = 0; // of the generator itself: sent later than planned
    double server_cpu_seconds = 0, redis_cpu_seconds = 0, own_cpu_seconds = 0;
    std::uint64_t server_resident_bytes = 0;
    double frames_per_read = 0; // as the clients' kernel handed them over
    double longest_silence_seconds = 0;
    std::map<std::string, std::size_t> losses;
    std::uint64_t lost() const { return deliveries_expected - deliveries; }
};

struct idle_figures {
    struct reading {
        std::size_t connections;
        std::uint64_t resident_bytes;
    };
    std::vector<reading> readings; // the first with no connection at all
    double bytes_per_connection = 0;
    double cpu_us_per_connection_second = 0; // all connected, nobody types
    double longest_silence_seconds = 0;
    std::map<std::string, std::size_t> losses;
};

typing_figures run_typing(const options&);
idle_figures run_idle(const options&);

/// A table for people, then one line of JSON; only that line where the options say so.
void report(const options&, const typing_figures&);
void report(const options&, const idle_figures&);

} // namespace studium::load
