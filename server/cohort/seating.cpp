// Where a learner who comes sits down. (Groups that are formed, with reasons, are the matcher's work; this is
// only the door.)
#include "server/cohort/state.hpp"

#include <algorithm>
#include <tuple>

namespace studium::cohort {

namespace {

/// "Ana  " waits for "ana": ASCII letters without their case. (Names are kept as they were written.)
bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

result<cohort_state::seated> cohort_state::decide_join(const join& who, const is_here& here) const {
    if (!schools_.contains(who.school)) return errc::not_found;
    if (who.group && !find(*who.group)) return errc::not_found;

    for (const auto& [id, p] : people_) {
        const bool waits = !p.has_joined && !p.has_left && p.role == rpc::role::student && p.group;
        if (waits && p.school == who.school && same_name(p.name, who.name) &&
            (!who.group || p.group == who.group))
            return seated{id, {joined{id}}};
    }

    const group_record* best = nullptr;
    // Somebody to meet first, then few of one's own school, then many free seats.
    std::tuple<bool, int, int> best_rank;
    for (const auto& key : group_order_) {
        const auto& g = groups_.at(key);
        const int free = g.seats - static_cast<int>(g.members.size());
        if (free <= 0 || (who.group && g.id != *who.group)) continue;
        const bool company = std::any_of(g.members.begin(), g.members.end(), here);
        const auto own = std::count_if(g.members.begin(), g.members.end(), [&](const person_id& id) {
            const auto* p = find(id);
            return p && p->school == who.school;
        });
        const std::tuple rank{company, -static_cast<int>(own), free};
        if (!best || best_rank < rank) {
            best = &g;
            best_rank = rank;
        }
    }
    if (!best || people_.size() >= limits_.max_people) return errc::full;
    return seated{who.new_person,
                  {enrolled{who.new_person, who.name, rpc::role::student, who.school, best->id},
                   joined{who.new_person}}};
}

} // namespace studium::cohort
