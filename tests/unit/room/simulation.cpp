#include "simulation.hpp"

#include <algorithm>
#include <unordered_set>

namespace studium::room::simulation {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> all;
    for (; !text.empty(); text.remove_prefix(all.back().size() + 1))
        all.emplace_back(text.substr(0, text.find('\n')));
    return all;
}

/// Lines in the order in which they were applied. A commuting room is a set of lines; a checked one a list in
/// which each line names the one that it was decided after.
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
        for (auto& line : lines_of(payload))
            if (set_.insert(line).second || !once_) all_.push_back(std::move(line));
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
    std::unordered_set<std::string> set_;
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
        if (up_ || dead_) return;
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
    /// Nothing happens here any more; what was sent may still arrive.
    void die() {
        up_ = false;
        dead_ = true;
        ++connection_;
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
                  const bool refused =
                      !log.exists || (r.checked ? log.end != r.expected : r.epoch < log.end.epoch);
                  std::vector<position> ids;
                  for (const auto& c : r.changes) {
                      if (refused) break;
                      log.end = r.epoch > log.end.epoch ? position{r.epoch, 0} : log.end.next();
                      log.entries.push_back({log.end, entry::kind::change, c.origin, c.payload});
                      ids.push_back(log.end);
                  }
                  if (!refused) world_.written();
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
                      if (log.snapshot) seen.snapshot = *log.snapshot;
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
                      world_.written();
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
                      log.snapshot = std::make_shared<const std::string>(snapshot);
                      world_.written();
                  }
                  const bool kept = log.snapshot_at == upto && *log.snapshot == snapshot;
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
            if (const auto self = me.lock(); self && !self->dead_) self->core_->retry();
        });
    }
    std::uint64_t wall_clock_ms() override { return world_.now_; }
    void opened() override { open_ = true; }
    void stored(position, std::string_view payload, std::span<const ticket>) override {
        for (const auto& line : lines_of(payload)) {
            world_.known_.insert(line);
            seen_.insert(line);
        }
    }
    void settled(ticket who, result<position> how) override {
        const auto it = waiting_.find(who);
        if (it == waiting_.end()) throw std::logic_error{"settled twice"};
        if (how) {
            ++world_.settled_;
            world_.known_.insert(it->second);
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
                  world_.written();
                  return [] {};
              },
              [] {}});
    }
    /// In order within a connection. A command of a connection that has broken meanwhile may still be
    /// executed, but only by the Redis that it was sent to: one that has restarted since, or its successor,
    /// never reads what lay in the socket of the one before.
    void send(command c) {
        if (dead_) return;
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
        world_.at(arrival_ - world_.now_,
                  [me = weak_from_this(), mine, id, connection = connection_, restarts = world_.restarts_] {
                      const auto self = me.lock();
                      if (!self) return;
                      const bool broken = self->connection_ != connection;
                      if (broken && (restarts != self->world_.restarts_ || self->world_.chance(50)))
                          return; // never arrived
                      const auto answer = mine->execute();
                      if (broken) return;
                      self->world_.at(1 + self->world_.roll(2), [me, answer, id, connection] {
                          const auto still = me.lock();
                          if (!still || still->connection_ != connection || still->pending_.erase(id) == 0)
                              return;
                          answer();
                      });
                  });
    }

    world& world_;
    std::string name_;
    lines state_;
    std::unique_ptr<core> core_;
    bool up_ = false, dead_ = false, open_ = false;
    std::uint64_t connection_ = 0, commands_ = 0, arrival_ = 0;
    ticket tickets_ = 0;
    std::map<std::uint64_t, std::shared_ptr<command>> pending_;
};

world::world(std::uint64_t seed, bool commuting, faults f)
    : random_{seed}, commuting_{commuting}, faults_{f} {
    now_ = 1000;
    for (int i = 0; i < 3; ++i) start_node();
}

world::~world() = default;

void world::at(std::uint64_t delay, std::function<void()> what) {
    agenda_[{now_ + delay, ++order_}] = std::move(what);
}

void world::start_node() {
    nodes_.push_back(std::make_shared<node>(*this, "n" + std::to_string(next_node_++)));
    nodes_.back()->connect();
}

void world::kill_node() {
    const auto which = roll(nodes_.size());
    nodes_[which]->die();
    dead_.push_back(nodes_[which]);
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(which));
    start_node();
}

/// What Redis was measured to lose is always a tail of all that it executed, in that order and by whole
/// transactions: the log, its snapshot and its trimming fall back together to a state that once was. (A
/// snapshot that outlives the entries it was made of is no such state.)
void world::written() {
    if (!faults_.lose_tail) return;
    past_.push_back(log_);
    if (past_.size() > 40) past_.pop_front();
}

void world::lose_past() {
    if (faults_.wipe && chance(30)) { // FLUSHALL, no persistence at all; or the stream alone was deleted
        const auto keep = chance(50) ? stream{} : log_;
        log_ = {};
        log_.snapshot_at = keep.snapshot_at;
        log_.snapshot = keep.snapshot;
        past_.clear();
        written();
        if (chance(50)) return;               // by hand: no connection breaks
    } else if (chance(20) && older_.exists) { // a copy that was behind, or was put back from a backup
        log_ = older_;
        past_.clear();
        written();
    } else if (!past_.empty()) {
        past_.resize(past_.size() - roll(past_.size()));
        log_ = past_.back();
    }
    ++restarts_;
    for (const auto& n : nodes_) n->cut();
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
        if ((faults_.lose_tail || faults_.wipe) && roll(700) == 0) lose_past();
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

std::uint64_t world::changes_settled() const { return settled_; }
std::uint64_t world::epochs() const { return epochs_; }

std::string world::verdict(bool survivors_only) const {
    if (!agenda_.empty()) return "never quiet";
    // A newcomer reads the log; everybody must hold what it finds.
    lines fresh{once()};
    std::string_view snapshot;
    if (log_.snapshot) snapshot = *log_.snapshot;
    if (!commuting_)
        snapshot.remove_prefix(std::min(snapshot.find('\n') + 1, snapshot.size())); // the authors' line
    fresh.load(snapshot);
    for (const auto& e : log_.entries)
        if (e.what == entry::kind::change && (!log_.snapshot_at || *log_.snapshot_at < e.at))
            fresh.apply(e.at, e.payload);
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
                   std::to_string(expected.size()) + ", first at " +
                   std::to_string(differ.first - held.begin());
        }
    }
    std::map<std::string, int> times;
    for (const auto& l : fresh.all()) ++times[l];
    for (const auto& [line, n] : times)
        if (n != 1) return line + " is there " + std::to_string(n) + " times";
    std::set<std::string> must;
    if (!survivors_only) must = known_;
    for (const auto& n : nodes_) must.insert(n->seen_.begin(), n->seen_.end());
    for (const auto& line : must)
        if (!times.contains(line)) return line + " was shown or settled and is gone";
    return {};
}

} // namespace studium::room::simulation
