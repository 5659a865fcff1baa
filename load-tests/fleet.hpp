// All clients of one run, on one thread and one epoll: they connect, answer what the protocol asks, and hand
// on what the server says.
#pragma once

#include "load-tests/connection.hpp"
#include "load-tests/options.hpp"
#include "protocol/yjs/sync.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace studium::load {

using clock = std::chrono::steady_clock;

/// What a scenario does with what its members hear.
class ear {
public:
    virtual ~ear() = default;
    /// `update` is the body of a sync step 2 or an update; unchecked.
    virtual void on_update(std::size_t member, std::string_view update) = 0;
    /// `update` is the body of an awareness message; unread.
    virtual void on_awareness(std::size_t member, std::string_view update) = 0;
};

class fleet {
public:
    fleet(const options&, ear&);
    ~fleet();

    /// Connects `count` further members, group by group, and waits until each has had its sync step 2.
    /// Throws std::runtime_error with the server's words where one is refused or the limit is over.
    void join(std::size_t count, seconds limit);
    /// Serves what comes until `deadline`.
    void serve_until(clock::time_point deadline);

    std::size_t size() const noexcept { return members_.size(); }
    std::size_t group_of(std::size_t member) const noexcept { return member / options_.members; }
    connection& wire(std::size_t member) { return members_[member]->wire; }
    const traffic& counted() const noexcept { return traffic_; }

    /// Why members were lost, and how many for each reason.
    std::map<std::string, std::size_t> losses() const;
    /// The longest that any member has gone without a message: stock providers leave after 30 s.
    seconds longest_silence() const;

private:
    struct member {
        member(int epoll, std::uint64_t number, traffic& counted) : wire{epoll, number, counted} {}
        connection wire;
        bool synced = false;
        clock::time_point last_heard = clock::now();
        clock::duration longest_silence{0};
    };

    void begin(std::size_t number);
    void hear(std::size_t number, std::string_view payload);
    std::size_t synced() const noexcept { return synced_; }

    const options& options_;
    ear& ear_;
    int epoll_;
    traffic traffic_;
    std::size_t synced_ = 0;
    std::vector<std::unique_ptr<member>> members_;
};

} // namespace studium::load
