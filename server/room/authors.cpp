#include "server/room/authors.hpp"

#include <algorithm>
#include <charconv>

namespace studium::room {

namespace {

constexpr std::size_t max_authors = 256;

/// Each word "<node>.<number>" of an origin; false from `take` ends it.
template <class Take> bool all_words(std::string_view origin, Take take) {
    while (!origin.empty()) {
        const auto word = origin.substr(0, origin.find(' '));
        origin.remove_prefix(std::min(origin.size(), word.size() + 1));
        if (word.empty() || word.front() == '~') continue;
        const auto dot = std::min(word.rfind('.'), word.size());
        std::uint64_t number = 0;
        if (dot < word.size()) std::from_chars(word.data() + dot + 1, word.data() + word.size(), number);
        if (!take(word.substr(0, dot), number)) return false;
    }
    return true;
}

} // namespace

void authors::note(std::string_view origin) {
    all_words(origin, [&](std::string_view node, std::uint64_t number) {
        const auto known =
            std::find_if(newest_.begin(), newest_.end(), [&](const append& a) { return a.node == node; });
        if (known != newest_.end()) {
            known->number = std::max(number, known->number);
            std::rotate(known, known + 1, newest_.end());
        } else {
            newest_.push_back({std::string{node}, number});
        }
        if (newest_.size() > max_authors) newest_.erase(newest_.begin());
        return true;
    });
}

bool authors::covers(std::string_view node, std::uint64_t number) const {
    return std::any_of(newest_.begin(), newest_.end(),
                       [&](const append& a) { return a.node == node && number <= a.number; });
}

bool authors::cover(std::string_view origin) const {
    return all_words(origin,
                     [&](std::string_view node, std::uint64_t number) { return covers(node, number); });
}

bool authors::cover(const authors& others) const {
    return std::all_of(others.newest_.begin(), others.newest_.end(),
                       [&](const append& a) { return covers(a.node, a.number); });
}

std::string authors::origin() const {
    std::string all;
    for (const auto& a : newest_) {
        if (!all.empty()) all += ' ';
        all += a.node + '.' + std::to_string(a.number);
    }
    return all;
}

} // namespace studium::room
