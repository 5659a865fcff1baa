#include "tests/architecture/rules.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace studium::architecture {

namespace {

struct include {
    std::size_t line;
    bool quoted;
    std::string target;
};

bool matches(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
    return text.size() >= before.size() + after.size() && text.starts_with(before) && text.ends_with(after);
}

bool matches_any(const std::vector<std::string_view>& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](auto pattern) { return matches(pattern, text); });
}

/// "hiredis" covers hiredis.h, hiredis/async.h; "thread" covers <thread> and no <thread_pool.hpp>.
bool belongs_to(std::string_view library, std::string_view include) {
    if (!include.starts_with(library)) return false;
    const auto rest = include.substr(library.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '.' || rest.starts_with("++/");
}

/// "server/redis/link.hpp" lives in "server/redis", "server/main.cpp" in "server", "load-tests/a.cpp" in
/// "load-tests".
std::string folder_of(std::string_view path) {
    const auto first = path.find('/');
    const auto second = path.find('/', first + 1);
    if (path.starts_with("load-tests/") || second == std::string_view::npos)
        return std::string{path.substr(0, first)};
    return std::string{path.substr(0, second)};
}

std::optional<include> read_include(std::string_view line, std::size_t number) {
    const auto skip_blanks = [&] {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    };
    skip_blanks();
    if (!line.starts_with('#')) return std::nullopt;
    line.remove_prefix(1);
    skip_blanks();
    if (!line.starts_with("include")) return std::nullopt;
    line.remove_prefix(7);
    skip_blanks();
    if (line.empty() || (line.front() != '"' && line.front() != '<')) return std::nullopt;
    const auto end = line.find(line.front() == '"' ? '"' : '>', 1);
    if (end == std::string_view::npos) return std::nullopt;
    return include{number, line.front() == '"', std::string{line.substr(1, end - 1)}};
}

std::vector<include> includes_of(const source& file) {
    std::vector<include> all;
    std::istringstream lines{file.text};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);)
        if (auto found = read_include(line, ++number)) all.push_back(std::move(*found));
    return all;
}

class inspection {
public:
    inspection(const house& drawn, const std::vector<source>& files) : drawn_{drawn} {
        for (const auto& file : files) includes_.emplace(file.path, includes_of(file));
    }

    std::vector<std::string> of(const std::vector<source>& files) {
        for (const auto& file : files) {
            check_folder(file);
            for (const auto& one : includes_.at(file.path)) check_include(file.path, one);
            if (matches_any(drawn_.pure, file.path)) check_pure(file);
        }
        return std::move(found_);
    }

private:
    void report(const std::string& path, std::size_t line, const std::string& what) {
        found_.push_back(path + ':' + std::to_string(line) + ": " + what);
    }

    const room_of_house* room(const std::string& folder) const {
        const auto at = std::find_if(drawn_.rooms.begin(), drawn_.rooms.end(),
                                     [&](const auto& one) { return one.folder == folder; });
        return at == drawn_.rooms.end() ? nullptr : &*at;
    }

    void check_folder(const source& file) {
        const auto folder = folder_of(file.path);
        if (!room(folder)) report(file.path, 1, "the folder " + folder + " has no row in the house");
    }

    void check_include(const std::string& path, const include& one) {
        if (one.quoted)
            check_arrow(path, one);
        else
            check_library(path, one);
    }

    void check_arrow(const std::string& path, const include& one) {
        if (!includes_.contains(one.target))
            return report(path, one.line,
                          '"' + one.target + "\" is no file of ours: paths start at the root");
        const auto from = folder_of(path), to = folder_of(one.target);
        if (from == to) return;
        if (const auto* here = room(from); here && !matches_any(here->may_include, to))
            report(path, one.line, "no arrow is drawn from " + from + " to " + to);
        for (const auto& seam : drawn_.seams)
            if (seam.folder == to && !matches_any(seam.shown, one.target))
                report(path, one.line, one.target + " is the own affair of " + to);
    }

    void check_library(const std::string& path, const include& one) {
        for (const auto& library : drawn_.libraries)
            if (belongs_to(library.include_prefix, one.target) && !matches_any(library.lives_in, path))
                report(path, one.line, '<' + one.target + "> does not belong here");
    }

    void check_pure(const source& file) {
        std::set<std::string> seen;
        for (const auto& one : includes_.at(file.path)) check_reach(file.path, one, one, seen);
        // <chrono> is welcome for its types; what time it is comes in as a value.
        std::istringstream lines{file.text};
        std::size_t number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (line.find("clock::now(") != std::string::npos)
                report(file.path, number, "a pure file reads a clock");
        }
    }

    void check_reach(const std::string& path, const include& first, const include& now,
                     std::set<std::string>& seen) {
        for (const auto library : drawn_.impure_includes)
            if (!now.quoted && belongs_to(library, now.target)) {
                const auto by = first.target == now.target ? std::string{} : " through " + first.target;
                report(path, first.line, "a pure file reaches <" + now.target + '>' + by);
            }
        const auto next = includes_.find(now.target);
        if (!now.quoted || next == includes_.end() || !seen.insert(now.target).second) return;
        for (const auto& deeper : next->second) check_reach(path, first, deeper, seen);
    }

    const house& drawn_;
    std::map<std::string, std::vector<include>> includes_;
    std::vector<std::string> found_;
};

bool is_cpp(const std::filesystem::path& path) {
    return path.extension() == ".cpp" || path.extension() == ".hpp";
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool reaches(const house& drawn, std::string_view from, std::string_view to,
             std::set<std::string_view>& seen) {
    const auto here = std::find_if(drawn.rooms.begin(), drawn.rooms.end(),
                                   [&](const auto& one) { return one.folder == from; });
    if (here == drawn.rooms.end() || !seen.insert(from).second) return false;
    return std::any_of(drawn.rooms.begin(), drawn.rooms.end(), [&](const auto& next) {
        // A '*' of server/app covers server/app itself; that is no circle.
        if (next.folder == from || !matches_any(here->may_include, next.folder)) return false;
        return next.folder == to || reaches(drawn, next.folder, to, seen);
    });
}

} // namespace

std::vector<source> read_sources(const std::filesystem::path& root) {
    std::vector<source> all;
    for (const char* top : {"protocol", "server", "load-tests"}) {
        if (!std::filesystem::exists(root / top)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{root / top})
            if (entry.is_regular_file() && is_cpp(entry.path()))
                all.push_back({entry.path().lexically_relative(root).generic_string(), read(entry.path())});
    }
    std::sort(all.begin(), all.end(), [](const source& a, const source& b) { return a.path < b.path; });
    return all;
}

std::vector<std::string> breaches(const house& drawn, const std::vector<source>& files) {
    return inspection{drawn, files}.of(files);
}

std::vector<std::string> circles(const house& drawn) {
    std::vector<std::string> all;
    for (const auto& one : drawn.rooms) {
        std::set<std::string_view> seen;
        if (reaches(drawn, one.folder, one.folder, seen)) all.emplace_back(one.folder);
    }
    return all;
}

} // namespace studium::architecture
