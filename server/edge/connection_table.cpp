#include "server/edge/connection_table.hpp"

#include <algorithm>

namespace studium::edge {

namespace {

/// A household or an attacker has a whole IPv6 /64; it counts as one address.
boost::asio::ip::address counted_as(const boost::asio::ip::address& address) {
    if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address;
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6{bytes};
}

} // namespace

connection_table::place connection_table::take(const boost::asio::ip::address& address) {
    auto key = counted_as(address);
    {
        const std::scoped_lock lock{mutex_};
        if (open_ >= max_) {
            ++refused_;
            return {};
        }
        auto& here = by_address_[key];
        if (here >= max_per_address_) {
            ++refused_;
            return {};
        }
        ++here;
        ++open_;
        ++total_;
    }
    return {shared_from_this(), std::move(key)};
}

void connection_table::give_back(const boost::asio::ip::address& key) {
    const std::scoped_lock lock{mutex_};
    const auto it = by_address_.find(key);
    if (--it->second == 0) by_address_.erase(it);
    if (--open_ == 0) emptied_.notify_all();
}

bool connection_table::wait_until_empty(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return emptied_.wait_for(lock, limit, [this] { return open_ == 0; });
}

connection_table::totals connection_table::count() const {
    const std::scoped_lock lock{mutex_};
    return {open_, total_, refused_};
}

} // namespace studium::edge
