#include "load-tests/process_meter.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace studium::load {
namespace {

// /proc/PID/stat: the name in parentheses may hold spaces; utime and stime are fields 14 and 15 (proc(5)).
double cpu_seconds_from(const std::string& stat) {
    std::istringstream fields{stat.substr(stat.rfind(')') + 1)};
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    std::uint64_t user = 0, system = 0;
    fields >> user >> system;
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

process_use read_use(const std::string& directory) {
    std::ifstream stat_file{directory + "/stat"}, memory_file{directory + "/statm"};
    std::string stat;
    std::uint64_t total_pages = 0, resident_pages = 0;
    if (!std::getline(stat_file, stat) || !(memory_file >> total_pages >> resident_pages))
        throw std::runtime_error{"cannot read " + directory + ": has the process ended?"};
    return {cpu_seconds_from(stat), resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
}

} // namespace

process_use use_of(int pid) { return pid == 0 ? process_use{} : read_use("/proc/" + std::to_string(pid)); }
process_use use_of_this_process() { return read_use("/proc/self"); }

} // namespace studium::load
