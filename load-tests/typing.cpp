#include "load-tests/figures.hpp"
#include "load-tests/fleet.hpp"
#include "load-tests/process_meter.hpp"
#include "load-tests/scenarios.hpp"
#include "load-tests/typist.hpp"
#include "protocol/yjs/awareness.hpp"
#include "protocol/yjs/update.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <queue>
#include <random>

namespace studium::load {
namespace {

std::int64_t microseconds(clock::duration d) {
    return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

clock::duration ticks(seconds s) { return std::chrono::duration_cast<clock::duration>(s); }

class typing_run final : public ear {
public:
    explicit typing_run(const options& o) : options_{o}, random_{o.seed}, fleet_{o, *this} {
        // Fresh client ids of 32 bits, as Yjs 13 draws them, in one row so that a delivery is found by
        // subtraction.
        first_client_ = std::uniform_int_distribution<std::uint64_t>{1u << 24, 0xf000'0000u}(random_);
        for (std::size_t i = 0; i < o.connections(); ++i)
            typists_.emplace_back(first_client_ + i, "Learner " + std::to_string(i));
        sent_.resize(o.connections());
        heard_.resize(o.connections() * o.members);
        if (o.echo_awareness) tables_.resize(o.connections());
    }

    typing_figures run();

    void on_update(std::size_t member, std::string_view update) override;
    void on_awareness(std::size_t member, std::string_view update) override;

private:
    struct due {
        clock::time_point at;
        std::size_t member;
        bool operator>(const due& other) const { return at > other.at; }
    };

    void plan_first_edits();
    void type_until(clock::time_point end);
    void type(const due&);
    void drain();
    void deliver(std::size_t member, const yjs::update_facts::section&);
    bool in_window(clock::time_point t) const { return t >= window_begin_ && t < window_end_; }
    void write_expectations() const;

    const options& options_;
    std::mt19937_64 random_;
    fleet fleet_;
    std::uint64_t first_client_ = 0;
    std::vector<typist> typists_;
    std::vector<std::vector<clock::time_point>> sent_; // by member and clock
    std::vector<std::uint64_t> heard_; // by member and place in the group: next clock expected
    std::vector<yjs::awareness_table> tables_;
    std::priority_queue<due, std::vector<due>, std::greater<>> plan_;
    clock::time_point window_begin_ = clock::time_point::max(), window_end_ = clock::time_point::max();
    histogram latency_, lateness_;
    typing_figures found_;
};

typing_figures typing_run::run() {
    fleet_.join(options_.connections(), seconds{60});
    plan_first_edits();
    type_until(clock::now() + ticks(options_.warm_up));

    window_begin_ = clock::now();
    window_end_ = window_begin_ + ticks(options_.duration);
    const auto server = use_of(options_.server_pid), redis = use_of(options_.redis_pid),
               own = use_of_this_process();
    const traffic before = fleet_.counted();
    type_until(window_end_);
    const auto server_after = use_of(options_.server_pid);
    found_.server_cpu_seconds = server_after.cpu_seconds - server.cpu_seconds;
    found_.redis_cpu_seconds = use_of(options_.redis_pid).cpu_seconds - redis.cpu_seconds;
    found_.own_cpu_seconds = use_of_this_process().cpu_seconds - own.cpu_seconds;
    found_.server_resident_bytes = server_after.resident_bytes;
    found_.seconds_measured = seconds{clock::now() - window_begin_}.count();
    const auto reads = fleet_.counted().reads - before.reads;
    found_.frames_per_read = reads == 0 ? 0
                                        : static_cast<double>(fleet_.counted().frames_in - before.frames_in) /
                                              static_cast<double>(reads);

    found_.deliveries_expected = found_.edits_sent * (options_.members - 1);
    drain();
    found_.p50_ms = latency_.quantile_ms(0.5);
    found_.p99_ms = latency_.quantile_ms(0.99);
    found_.max_ms = latency_.max_ms();
    found_.lateness_p99_ms = lateness_.quantile_ms(0.99);
    found_.longest_silence_seconds = fleet_.longest_silence().count();
    found_.losses = fleet_.losses();
    if (!options_.expect_file.empty()) write_expectations();
    return found_;
}

void typing_run::plan_first_edits() {
    const auto now = clock::now();
    for (std::size_t member = 0; member < fleet_.size(); ++member)
        plan_.push(
            {now + ticks(seconds{std::uniform_real_distribution<>{0, 1 / options_.rate}(random_)}), member});
}

void typing_run::type_until(clock::time_point end) {
    while (clock::now() < end) {
        fleet_.serve_until(std::min(end, plan_.top().at));
        for (auto now = clock::now(); plan_.top().at <= now && plan_.top().at < end; now = clock::now()) {
            const due next = plan_.top();
            plan_.pop();
            type(next);
        }
    }
}

void typing_run::type(const due& next) {
    auto& wire = fleet_.wire(next.member);
    auto& who = typists_[next.member];
    const auto now = clock::now();
    if (wire.now() == connection::state::open) {
        sent_[next.member].push_back(now);
        wire.send(who.type_character());
        if (options_.separate_writes) wire.flush();
        wire.send(who.move_cursor());
        wire.flush();
        if (in_window(now)) {
            ++found_.edits_sent;
            lateness_.add(microseconds(now - next.at));
        }
    }
    // Hands are no metronomes: half to one and a half of the mean pause. Planned from the plan, not from now,
    // so that a slow server is not spared.
    const double pause = std::uniform_real_distribution<>{0.5, 1.5}(random_) / options_.rate;
    plan_.push({next.at + ticks(seconds{pause}), next.member});
}

void typing_run::drain() {
    const auto deadline = clock::now() + ticks(options_.drain);
    while (found_.deliveries < found_.deliveries_expected && clock::now() < deadline)
        fleet_.serve_until(clock::now() + std::chrono::milliseconds{5});
}

void typing_run::on_update(std::size_t member, std::string_view update) {
    const auto facts = yjs::check_update(update, {.max_bytes = std::size_t{1} << 30});
    if (!facts) return;
    for (const auto& section : facts->sections) deliver(member, section);
}

void typing_run::deliver(std::size_t member, const yjs::update_facts::section& section) {
    const std::uint64_t author = section.client - first_client_; // of an older run: far out of range
    if (author >= typists_.size() || author == member || fleet_.group_of(author) != fleet_.group_of(member))
        return;
    auto& next = heard_[member * options_.members + author % options_.members];
    const auto now = clock::now();
    found_.duplicates += std::min(next, section.end_clock) - std::min(section.first_clock, next);
    const std::uint64_t end = std::min<std::uint64_t>(section.end_clock, sent_[author].size());
    for (std::uint64_t at = std::max(section.first_clock, next); at < end; ++at) {
        if (in_window(now)) ++found_.delivered_in_time;
        if (!in_window(sent_[author][at])) continue;
        ++found_.deliveries;
        latency_.add(microseconds(now - sent_[author][at]));
    }
    next = std::max(next, section.end_clock);
}

void typing_run::on_awareness(std::size_t member, std::string_view update) {
    const auto entries = yjs::read_awareness(update);
    if (!entries) return;
    std::vector<yjs::awareness_entry> fresh;
    for (const auto& entry : *entries) {
        if (entry.client == typists_[member].client()) continue;
        if (in_window(clock::now())) ++found_.cursors_in_time;
        if (options_.echo_awareness && tables_[member].accept(entry)) fresh.push_back(entry);
    }
    if (fresh.empty()) return;
    fleet_.wire(member).send(yjs::write_awareness(yjs::write_awareness_update(fresh)));
    fleet_.wire(member).flush();
}

void typing_run::write_expectations() const {
    nlohmann::json workspaces = nlohmann::json::object();
    for (std::size_t i = 0; i < typists_.size(); ++i)
        workspaces[options_.workspaces[fleet_.group_of(i)]][std::to_string(typists_[i].client())] =
            typists_[i].clock();
    std::ofstream{options_.expect_file} << workspaces.dump(2) << '\n';
}

} // namespace

typing_figures run_typing(const options& o) { return typing_run{o}.run(); }

} // namespace studium::load
