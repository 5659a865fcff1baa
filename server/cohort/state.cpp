#include "server/cohort/state.hpp"

#include <algorithm>
#include <utility>

namespace studium::cohort {

namespace {

template <class... F> struct overload : F... {
    using F::operator()...;
};

} // namespace

// ---------------------------------------------------------------- events

void cohort_state::apply(room::position at, const event& what) {
    std::visit(overload{
                   [&](const created& e) {
                       exists_ = true;
                       title_ = e.title;
                   },
                   [&](const school_added& e) { schools_[e.school.id] = e.school; },
                   [&](const group_created& e) {
                       if (groups_.contains(e.group)) return;
                       groups_[e.group] = {e.group, e.name, e.workspace, e.seats, {}, {}, {}};
                       group_order_.push_back(e.group);
                   },
                   [&](const enrolled& e) {
                       auto& p = people_[e.person];
                       p = {e.person, e.name, e.role, e.school, e.group, p.has_joined, false, p.time_zone};
                       auto* g = e.group ? group(*e.group) : nullptr;
                       if (g && std::find(g->members.begin(), g->members.end(), e.person) == g->members.end())
                           g->members.push_back(e.person);
                   },
                   [&](const joined& e) {
                       if (auto* p = person(e.person)) p->has_joined = true;
                   },
                   [&](const time_zone_said& e) {
                       if (auto* p = person(e.person)) p->time_zone = e.time_zone;
                   },
                   [&](const left& e) {
                       auto* p = person(e.person);
                       if (!p) return;
                       if (auto* g = p->group ? group(*p->group) : nullptr) std::erase(g->members, e.person);
                       p->has_left = true;
                   },
                   [&](const message_posted& e) {
                       auto* g = group(e.group);
                       if (!g || !g->message_ids.emplace(e.id, at).second) return;
                       g->messages.push_back({e.id, at, e.from, e.text, e.sent});
                   },
               },
               what);
}

group_record* cohort_state::group(const group_id& which) {
    const auto it = groups_.find(which);
    return it == groups_.end() ? nullptr : &it->second;
}

person_record* cohort_state::person(const person_id& who) {
    const auto it = people_.find(who);
    return it == people_.end() ? nullptr : &it->second;
}

// ---------------------------------------------------------------- snapshot

// A snapshot is the shortest story that leads here: the same events, one a line, messages with their
// positions.

std::string cohort_state::snapshot() const {
    std::string out;
    tell_story([&](const event& e, room::position at) { out += at.text() + ' ' + write_event(e) + '\n'; });
    return out;
}

std::vector<event> cohort_state::story() const {
    std::vector<event> all;
    tell_story([&](const event& e, room::position) { all.push_back(e); });
    return all;
}

void cohort_state::tell_story(const std::function<void(const event&, room::position)>& tell) const {
    if (exists_) tell(created{title_}, {});
    for (const auto& [key, s] : schools_) tell(school_added{s}, {});
    for (const auto& key : group_order_) {
        const auto& g = groups_.at(key);
        tell(group_created{g.id, g.name, g.workspace, g.seats}, {});
    }
    const auto tell_person = [&](const person_record& p) {
        tell(enrolled{p.id, p.name, p.role, p.school, p.group}, {});
        if (p.has_joined) tell(joined{p.id}, {});
        if (p.time_zone) tell(time_zone_said{p.id, *p.time_zone}, {});
        if (p.has_left) tell(left{p.id}, {});
    };
    for (const auto& key : group_order_) // in the order of their seats
        for (const auto& who : groups_.at(key).members) tell_person(people_.at(who));
    for (const auto& [key, p] : people_)
        if (!p.group || p.has_left) tell_person(p);
    for (const auto& key : group_order_)
        for (const auto& m : groups_.at(key).messages)
            tell(message_posted{m.id, m.from, key, m.text, m.sent}, m.at);
}

bool cohort_state::load(std::string_view snapshot) {
    *this = cohort_state{limits_};
    while (!snapshot.empty()) {
        const auto line = snapshot.substr(0, snapshot.find('\n'));
        snapshot.remove_prefix(std::min(snapshot.size(), line.size() + 1));
        const auto space = line.find(' ');
        const auto at =
            space == std::string_view::npos ? std::nullopt : room::position::parse(line.substr(0, space));
        const auto e = at ? read_event(line.substr(space + 1)) : std::nullopt;
        if (!e) {
            *this = cohort_state{limits_};
            return false;
        }
        apply(*at, *e);
    }
    return true;
}

// ---------------------------------------------------------------- commands

result<std::vector<event>> cohort_state::decide_leave(const person_id& who) const {
    const auto* p = find(who);
    if (!p || p->has_left) return std::vector<event>{}; // leaving twice is harmless
    return std::vector<event>{left{who}};
}

result<std::vector<event>> cohort_state::decide_time_zone(const person_id& who,
                                                          const std::string& zone) const {
    const auto* p = find(who);
    if (!p) return errc::not_found;
    if (p->time_zone == zone) return std::vector<event>{};
    return std::vector<event>{time_zone_said{who, zone}};
}

result<std::vector<event>> cohort_state::decide_message(const person_id& who, const group_id& where,
                                                        const std::string& id, const std::string& text,
                                                        std::int64_t now) const {
    const auto* p = find(who);
    const auto* g = find(where);
    if (!p || p->has_left || !g) return errc::not_found;
    if (p->role == rpc::role::student && p->group != where) return errc::forbidden;
    if (g->message_ids.contains(id)) return std::vector<event>{};
    if (g->messages.size() >= limits_.max_messages_per_group) return errc::full;
    return std::vector<event>{message_posted{id, who, where, text, now}};
}

// ---------------------------------------------------------------- questions

const person_record* cohort_state::find(const person_id& who) const {
    const auto it = people_.find(who);
    return it == people_.end() ? nullptr : &it->second;
}

const group_record* cohort_state::find(const group_id& which) const {
    const auto it = groups_.find(which);
    return it == groups_.end() ? nullptr : &it->second;
}

rpc::person cohort_state::view(const person_record& p) const {
    const auto s = schools_.find(p.school);
    return {p.id, p.name, p.role, s == schools_.end() ? rpc::school{p.school, ""} : s->second, p.time_zone};
}

std::vector<rpc::member> cohort_state::members(const group_record& g, const is_here& here) const {
    std::vector<rpc::member> all;
    for (const auto& who : g.members)
        if (const auto* p = find(who)) all.push_back({view(*p), here(who), p->has_joined});
    return all;
}

rpc::group cohort_state::view(const group_record& g, const is_here& here) const {
    return {g.id, g.name, g.workspace, g.seats, members(g, here)};
}

rpc::message cohort_state::view(const group_record& g, const message_record& m) const {
    const auto* from = find(m.from);
    return {m.id, m.at.text(), g.id, from ? view(*from) : rpc::person{}, m.text, m.sent};
}

std::optional<rpc::message> cohort_state::message(const group_record& g, const std::string& id) const {
    const auto known = g.message_ids.find(id);
    if (known == g.message_ids.end()) return std::nullopt;
    const auto it = std::lower_bound(g.messages.begin(), g.messages.end(), known->second,
                                     [](const message_record& m, room::position at) { return m.at < at; });
    if (it == g.messages.end() || it->id != id) return std::nullopt;
    return view(g, *it);
}

cohort_state::page cohort_state::history(const group_record& g, int limit,
                                         const std::optional<room::position>& before,
                                         const std::optional<room::position>& after) const {
    const auto is_before = [](const message_record& m, room::position at) { return m.at < at; };
    const auto is_after = [](room::position at, const message_record& m) { return at < m.at; };
    auto begin =
        after ? std::upper_bound(g.messages.begin(), g.messages.end(), *after, is_after) : g.messages.begin();
    auto end = before ? std::lower_bound(begin, g.messages.end(), *before, is_before) : g.messages.end();
    const bool more = end - begin > limit;
    // After a position the next ones are asked for, else the newest.
    if (more && after) end = begin + limit;
    if (more && !after) begin = end - limit;
    page p;
    p.more = more;
    for (auto it = begin; it != end; ++it) p.messages.push_back(view(g, *it));
    return p;
}

} // namespace studium::cohort
