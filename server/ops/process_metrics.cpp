#include "server/ops/process_metrics.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace studium::metrics {

namespace {

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// proc(5): /proc/self/statm, second number, in pages.
double resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    double total = NAN, resident = NAN;
    statm >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double entries_of(const char* directory) {
    std::error_code failure;
    double count = 0;
    for (std::filesystem::directory_iterator it{directory, failure}, end; !failure && it != end;
         it.increment(failure))
        ++count;
    return failure ? NAN : count;
}

double max_fds() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur == RLIM_INFINITY ? HUGE_VAL : static_cast<double>(limit.rlim_cur);
}

} // namespace

void add_process_metrics(registry& to) {
    using namespace std::chrono;
    const double now = duration<double>(system_clock::now().time_since_epoch()).count();
    to.add_read(kind::counter, "process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                cpu_seconds);
    to.add_read(kind::gauge, "process_resident_memory_bytes", "Resident memory, in bytes.", resident_bytes);
    to.add_read(kind::gauge, "process_open_fds", "Open file descriptors.",
                [] { return entries_of("/proc/self/fd"); });
    to.add_read(kind::gauge, "process_max_fds", "Limit of open file descriptors.", max_fds);
    to.add_read(kind::gauge, "process_threads", "Threads.", [] { return entries_of("/proc/self/task"); });
    to.add_read(kind::gauge, "process_start_time_seconds", "When the process started, Unix time in seconds.",
                [now] { return now; });
}

} // namespace studium::metrics
