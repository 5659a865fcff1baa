// Which worker of this process a room belongs to.
#pragma once

#include "server/core/on.hpp"
#include "server/room/host.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace studium::room {

class directory {
public:
    explicit directory(std::vector<host*> hosts) : hosts_{std::move(hosts)} {}

    host& of(std::string_view name) const {
        return *hosts_[std::hash<std::string_view>{}(name) % hosts_.size()];
    }
    /// The host of the worker that runs here: its Redis link is the one to use.
    host& here() const { return *hosts_[worker::current()->index()]; }
    const std::vector<host*>& all() const noexcept { return hosts_; }

    /// Opens the room on its worker. What comes back may be passed about, and used on that worker only.
    task<result<std::shared_ptr<open_room>>> open(std::string name, bool commuting,
                                                  host::factory make) const {
        host& home = of(name);
        co_return co_await on(home.home(), home.open(std::move(name), commuting, std::move(make)));
    }

private:
    std::vector<host*> hosts_;
};

} // namespace studium::room
