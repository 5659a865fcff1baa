#include "simulation.hpp"

#include <algorithm>
#include <sstream>

namespace studium::room::simulation {

namespace {

/// Lines in the order in which they were applied. A commuting room is a set of lines; a checked one a list in which
/// each line names the one that it was decided after.
class lines final : public state {
public:
    /// `once`: a line that is there already changes nothing.
    explicit lines(bool once) : once_{once} {}
    void load(std::string_view snapshot) override {
        all_.clear();
        set_.clear();
        apply({}, snapshot);
    }
    void apply(position, std::string_view payload) override {
        std::istringstream in{std::string{payload}};
        for (std::string line; std::getline(in, line);)
            if (set_.insert(line).second || !once_) all_.push_back(line);
    }
    std::string snapshot() override {
        std::string text;
        for (const auto& l : all_) text += l + '\n';
        return text;
    }
    std::string merge(std::span<const std::string_view> payloads) override {
        std::string text;
        for (const auto p : payloads) text += p;
        return text;
    }
    std::vector<std::string> story() override {
        std::vector<std::string> each;
        for (const auto& l : all_) each.push_back(l + '\n');
        return each;
    }
    const std::vector<std::string>& all() const { return all_; }

private:
    bool once_;
    std::vector<std::string> all_;
    std::set<std::string> set_;
};

} // namespace

/// One command on its way to the log. What was sent on a connection that broke may still arrive.
struct world::command {
    std::function<std::function<void()>()> execute; // at the log; returns what the answer does
    std::function<void()> fail;
};

class world::node final : public actions, public std::enable_shared_from_this<node> {
public:
    node(world& w, std::string name) : world_{w}, name_{std::move(name)}, state_{w.once()}, core_{make()} {}

    core& what() { return *core_; }
    const lines& holds() const { return state_; }
    const std::string& name() const { return name_; }
    bool up() const { return up_; }
    bool is_open() const { return open_; }

    void connect() {
        if (up_) return;
        up_ = true;
        ++connection_;
        core_->link_up();
        core_->channel_ready();
    }
    void cut() {
        if (!up_) return;
        up_ = false;
        ++connection_;
        for (auto& c : std::exchange(pending_, {})) c.second->fail();
        core_->link_down();
        world_.at(1 + world_.roll(50), [me = weak_from_this()] {
            if (const auto self = me.lock()) self->connect();
        });
    }
    void change() {
        const std::string line = "change-" + std::to_string(world_.next_change_++);
        const ticket who = ++tickets_;
        waiting_[who] = line;
        if (world_.commuting_)
            core_->submit(who, line + '\n');
        else
            core_->submit(who, [line](position) -> result<std::vector<std::string>> {
                return std::vector<std::string>{line + '\n'};
            });
    }

    // actions
    void append(const append_request& r) override {
        send({[this, r] {
                  auto& log = world_.log_;
                  const bool refused = !log.exists || (r.checked ? log.end != r.expected : r.epoch < log.end.epoch);
                  std::vector<position> ids;
                  for (const auto& c : r.changes) {
                      if (refused) break;
                      log.end = r.epoch > log.end.epoch ? position{r.epoch, 0} : log.end.next();
                      log.entries.push_back({log.end, entry::kind::change, c.origin, c.payload});
                      ids.push_back(log.end);
                      world_.batches_[log.end] = r.number + (std::hash<std::string>{}(name_) << 20);
                  }
                  return [this, r, refused, ids] {
                      if (refused)
                          core_->append_failed(r.number, errc::conflict);
                      else
                          core_->appended(r.number, ids);
                  };
              },
              [this, n = r.number] { core_->append_failed(n, errc::indeterminate); }});
    }
    void read(position from, bool with_snapshot) override {
        send({[this, from, with_snapshot] {
                  const auto& log = world_.log_;
                  image seen;
                  seen.exists = log.exists;
                  seen.end = log.end;
                  seen.snapshot_at = log.snapshot_at;
                  position start = from;
                  if (with_snapshot) {
                      seen.snapshot = log.snapshot;
                      start = log.snapshot_at.value_or(position{});
                  }
                  for (const auto& e : log.entries) {
                      if (e.at == start) seen.at_from = e;
                      if (start < e.at) seen.after.push_back(e);
                  }
                  return [this, seen] { core_->read_done(seen); };
              },
              [this] { core_->read_failed(); }});
    }
    void begin_epoch(std::uint64_t epoch, const std::string& origin, const std::string& payload) override {
        send({[this, epoch, origin, payload] {
                  auto& log = world_.log_;
                  const bool won = !log.exists || log.end < position{epoch, 0};
                  if (won) {
                      log.exists = true;
                      log.end = {epoch, 0};
                      log.entries.push_back({log.end, entry::kind::epoch, origin, payload});
                      ++world_.epochs_;
                  }
                  return [this, won] { core_->epoch_begun(won); };
              },
              [this] { core_->read_failed(); }});
    }
    void write_snapshot(position upto, std::string snapshot) override {
        send({[this, upto, snapshot] {
                  auto& log = world_.log_;
                  if (!log.snapshot_at || *log.snapshot_at < upto) {
                      log.snapshot_at = upto;
                      log.snapshot = snapshot;
                  }
                  const bool kept = log.snapshot_at == upto && log.snapshot == snapshot;
                  return [this, upto, kept] {
                      if (kept) trim(upto);
                      core_->snapshot_written(upto, kept);
                  };
              },
              [this, upto] { core_->snapshot_written(upto, false); }});
    }
    void publish(const channel_message& m) override {
        send({[this, m] {
                  std::int64_t receivers = 0;
                  for (const auto& n : world_.nodes_) {
                      if (!n->up_) continue;
                      ++receivers;
                      if (world_.faults_.drop_publish && !world_.peace_ && world_.chance(10)) continue;
                      world_.at(1 + world_.roll(5), [n = std::weak_ptr{n}, m, c = n->connection_] {
                          const auto to = n.lock();
                          if (to && to->connection_ == c) to->core_->heard(m);
                      });
                  }
                  return [this, m, receivers] {
                      if (m.what != channel_message::kind::hello) core_->published_to(receivers);
                  };
              },
              [] {}});
    }
    void retry_later() override {
        world_.at(20 + world_.roll(20), [me = weak_from_this()] {
            if (const auto self = me.lock()) self->core_->retry();
        });
    }
    std::uint64_t wall_clock_ms() override { return world_.now_; }
    void opened() override { open_ = true; }
    void stored(position, std::string_view payload, std::span<const ticket>) override {
        std::istringstream in{std::string{payload}};
        for (std::string line; std::getline(in, line);) {
            world_.relayed_.insert(line);
            seen_.insert(line);
        }
    }
    void settled(ticket who, result<position> how) override {
        const auto it = waiting_.find(who);
        if (it == waiting_.end()) throw std::logic_error{"settled twice"};
        if (how) {
            world_.settled_.insert(it->second);
            seen_.insert(it->second);
        }
        waiting_.erase(it);
    }
    void storage_changed(bool) override {}
    void history_changed() override {}
    void peer_joined(std::string_view) override {}
    void fleeting(std::string_view, std::string_view) override {}
    void peer_lost(std::string_view) override {}

    std::set<std::string> seen_;
    std::map<ticket, std::string> waiting_;

private:
    std::unique_ptr<core> make() {
        settings s;
        s.commuting = world_.commuting_;
        s.node = name_;
        s.snapshot_after_entries = 5 + world_.roll(20);
        return std::make_unique<core>(s, state_, static_cast<actions&>(*this));
    }
    void trim(position upto) {
        send({[this, upto] {
                  std::erase_if(world_.log_.entries, [&](const entry& e) { return e.at < upto; });
                  return [] {};
              },
              [] {}});
    }
    /// In order within a connection. A command of a connection that has broken meanwhile may still be executed.
    void send(command c) {
        if (!up_) {
            world_.at(0, [me = weak_from_this(), fail = c.fail] {
                if (const auto self = me.lock()) fail();
            });
            return;
        }
        const auto id = ++commands_;
        const auto mine = std::make_shared<command>(std::move(c));
        pending_[id] = mine;
        arrival_ = std::max(arrival_, world_.now_ + 1 + world_.roll(4));
        world_.at(arrival_ - world_.now_, [me = weak_from_this(), mine, id, connection = connection_] {
            const auto self = me.lock();
            if (!self) return;
            const bool broken = self->connection_ != connection;
            if (broken && self->world_.chance(50)) return; // never arrived
            const auto answer = mine->execute();
            if (broken) return;
            self->world_.at(1 + self->world_.roll(2), [me, answer, id, connection] {
                const auto still = me.lock();
                if (!still || still->connection_ != connection || still->pending_.erase(id) == 0) return;
                answer();
            });
        });
    }

    world& world_;
    std::string name_;
    lines state_;
    std::unique_ptr<core> core_;
    bool up_ = false, open_ = false;
    std::uint64_t connection_ = 0, commands_ = 0, arrival_ = 0;
    ticket tickets_ = 0;
    std::map<std::uint64_t, std::shared_ptr<command>> pending_;
};

world::world(std::uint64_t seed, bool commuting, faults f) : random_{seed}, commuting_{commuting}, faults_{f} {
    now_ = 1000;
    for (int i = 0; i < 3; ++i) start_node();
}

world::~world() = default;

void world::at(std::uint64_t delay, std::function<void()> what) { agenda_[{now_ + delay, ++order_}] = std::move(what); }

void world::start_node() {
    nodes_.push_back(std::make_shared<node>(*this, "n" + std::to_string(next_node_++)));
    nodes_.back()->connect();
}

void world::kill_node() {
    const auto which = roll(nodes_.size());
    known_to_killed_.insert(nodes_[which]->seen_.begin(), nodes_[which]->seen_.end());
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(which));
    start_node();
}

void world::restart_log() {
    for (const auto& n : nodes_) n->cut();
    if (faults_.wipe && chance(30)) {
        log_ = {};
    } else if (faults_.lose_tail) {
        if (chance(20) && older_.exists) {
            log_ = older_;
        } else {
            const auto keep = log_.entries.empty() ? 0 : 1 + roll(log_.entries.size());
            std::uint64_t torn = 0;
            while (log_.entries.size() > keep) {
                torn = batches_[log_.entries.back().at];
                log_.entries.pop_back();
            }
            // An append is one transaction in Redis' file: it is there whole, or not at all.
            while (torn != 0 && !log_.entries.empty() && batches_[log_.entries.back().at] == torn)
                log_.entries.pop_back();
            if (!log_.entries.empty()) log_.end = log_.entries.back().at;
            if (log_.snapshot_at && log_.end < *log_.snapshot_at) log_.end = *log_.snapshot_at;
        }
    }
}

void world::step() {
    if (agenda_.empty()) return;
    const auto next = agenda_.begin();
    now_ = std::max(now_, next->first.first);
    const auto what = std::move(next->second);
    agenda_.erase(next);
    what();
}

void world::run(int steps) {
    for (int i = 0; i < steps; ++i) {
        const auto& n = nodes_[roll(nodes_.size())];
        if (chance(30)) n->change();
        if (faults_.cut_links && chance(1)) n->cut();
        if (faults_.kill_nodes && roll(500) == 0) kill_node();
        if ((faults_.lose_tail || faults_.wipe) && roll(700) == 0) restart_log();
        if (roll(300) == 0) older_ = log_;
        if (roll(100) == 0)
            for (const auto& each : nodes_) each->what().beat();
        for (int k = 0; k < 3; ++k) step();
        if (agenda_.empty()) ++now_;
    }
    // Peace. Each node hears of the others again, and says what it knows.
    peace_ = true;
    for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 20'000 && !agenda_.empty(); ++i) step();
        for (const auto& n : nodes_) {
            n->connect();
            n->what().channel_ready();
            n->what().beat();
        }
    }
    for (int i = 0; i < 20'000 && !agenda_.empty(); ++i) step();
}

std::uint64_t world::changes_settled() const { return settled_.size(); }
std::uint64_t world::epochs() const { return epochs_; }

std::string world::verdict(bool survivors_only) const {
    if (!agenda_.empty()) return "never quiet";
    // A newcomer reads the log; everybody must hold what it finds.
    lines fresh{once()};
    const auto header = commuting_ ? 0 : std::min(log_.snapshot.find('\n') + 1, log_.snapshot.size());
    fresh.load(std::string_view{log_.snapshot}.substr(header)); // in checked rooms the authors' line comes first
    for (const auto& e : log_.entries)
        if (e.what == entry::kind::change && (!log_.snapshot_at || *log_.snapshot_at < e.at)) fresh.apply(e.at, e.payload);
    auto expected = fresh.all();
    if (commuting_) std::sort(expected.begin(), expected.end());
    for (const auto& n : nodes_) {
        if (!n->up() || !n->what().live() || !n->what().idle()) return n->name() + " is not live";
        if (!n->waiting_.empty()) return n->name() + " never answered " + n->waiting_.begin()->second;
        auto held = n->holds().all();
        if (commuting_) std::sort(held.begin(), held.end());
        if (held != expected) {
            const auto differ = std::mismatch(held.begin(), held.end(), expected.begin(), expected.end());
            return n->name() + " differs from the log: " + std::to_string(held.size()) + " lines against " +
                   std::to_string(expected.size()) + ", first at " + std::to_string(differ.first - held.begin());
        }
    }
    std::map<std::string, int> times;
    for (const auto& l : fresh.all()) ++times[l];
    for (const auto& [line, n] : times)
        if (n != 1) return line + " is there " + std::to_string(n) + " times";
    std::set<std::string> must;
    must.insert(settled_.begin(), settled_.end());
    must.insert(relayed_.begin(), relayed_.end());
    for (const auto& line : must) {
        if (times.contains(line)) continue;
        if (survivors_only && known_to_killed_.contains(line)) continue;
        return line + " was shown or settled and is gone";
    }
    return {};
}

} // namespace studium::room::simulation
