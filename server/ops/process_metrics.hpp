// What the operating system says of this process, under the names that every Prometheus client library uses.
#pragma once

#include "server/ops/metrics.hpp"

namespace studium::metrics {

/// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds,
/// process_threads and process_start_time_seconds. Linux: read from /proc/self at every render().
void add_process_metrics(registry&);

} // namespace studium::metrics
