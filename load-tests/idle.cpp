#include "load-tests/figures.hpp"
#include "load-tests/fleet.hpp"
#include "load-tests/process_meter.hpp"
#include "load-tests/scenarios.hpp"
#include "load-tests/typist.hpp"

namespace studium::load {
namespace {

constexpr std::chrono::seconds renewal{15}; // y-protocols renews a cursor that is 15 s old

clock::duration ticks(seconds s) { return std::chrono::duration_cast<clock::duration>(s); }

/// Members who are here, show a cursor, and do nothing.
class idle_run final : public ear {
public:
    explicit idle_run(const options& o) : options_{o}, fleet_{o, *this} {
        for (std::size_t i = 0; i < o.connections(); ++i)
            typists_.emplace_back(o.seed % 0xf000'0000u + i, "Learner " + std::to_string(i));
    }

    idle_figures run();

    void on_update(std::size_t, std::string_view) override {}
    void on_awareness(std::size_t, std::string_view) override {}

private:
    void read_memory();
    void add_members(std::size_t count);
    void rest_until(clock::time_point);
    void show_cursor(std::size_t member);

    const options& options_;
    fleet fleet_;
    std::vector<typist> typists_;
    std::size_t next_renewal_ = 0;
    clock::time_point next_renewal_at_ = clock::now();
    idle_figures found_;
};

idle_figures idle_run::run() {
    read_memory();
    for (std::size_t step = 0; step < options_.steps; ++step)
        add_members((options_.connections() + options_.steps - 1) / options_.steps);

    const auto before = use_of(options_.server_pid);
    rest_until(clock::now() + ticks(options_.duration));
    const double cpu = use_of(options_.server_pid).cpu_seconds - before.cpu_seconds;
    found_.cpu_us_per_connection_second =
        cpu * 1e6 / options_.duration.count() / static_cast<double>(options_.connections());

    std::vector<double> connections, bytes;
    for (const auto& reading : found_.readings) {
        connections.push_back(static_cast<double>(reading.connections));
        bytes.push_back(static_cast<double>(reading.resident_bytes));
    }
    // The first reading is left out: what the first connections bring along (pools, code pages) is not
    // theirs.
    found_.bytes_per_connection = slope(connections.data() + 1, bytes.data() + 1, connections.size() - 1);
    found_.longest_silence_seconds = fleet_.longest_silence().count();
    found_.losses = fleet_.losses();
    return found_;
}

void idle_run::add_members(std::size_t count) {
    const std::size_t before = fleet_.size();
    fleet_.join(count, seconds{60});
    for (std::size_t member = before; member < fleet_.size(); ++member) show_cursor(member);
    rest_until(clock::now() + ticks(options_.settle));
    read_memory();
}

void idle_run::read_memory() {
    found_.readings.push_back({fleet_.size(), use_of(options_.server_pid).resident_bytes});
}

// Renewals go round all members evenly.
void idle_run::rest_until(clock::time_point end) {
    while (clock::now() < end) {
        fleet_.serve_until(std::min(end, next_renewal_at_));
        if (clock::now() < next_renewal_at_) continue;
        next_renewal_ = (next_renewal_ + 1) % fleet_.size();
        show_cursor(next_renewal_);
        next_renewal_at_ = clock::now() + ticks(seconds{renewal} / static_cast<double>(fleet_.size()));
    }
}

void idle_run::show_cursor(std::size_t member) {
    fleet_.wire(member).send(typists_[member].move_cursor());
    fleet_.wire(member).flush();
}

} // namespace

idle_figures run_idle(const options& o) { return idle_run{o}.run(); }

} // namespace studium::load
