// Who is connected: one place per socket, counted in all and per address. Any thread.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace studium::edge {

class connection_table : public std::enable_shared_from_this<connection_table> {
public:
    /// The place of one connection, given back when it is destroyed. Empty where none was left.
    class place {
    public:
        place() = default;
        place(std::shared_ptr<connection_table> table, boost::asio::ip::address address)
            : table_{std::move(table)}, address_{std::move(address)} {}
        place(place&&) noexcept = default;
        place& operator=(place&&) = delete;
        ~place() {
            if (table_) table_->give_back(address_);
        }
        explicit operator bool() const noexcept { return table_ != nullptr; }

    private:
        std::shared_ptr<connection_table> table_;
        boost::asio::ip::address address_;
    };

    connection_table(std::size_t max, std::size_t max_per_address)
        : max_{max}, max_per_address_{max_per_address} {}

    place take(const boost::asio::ip::address&);
    /// Whether all places are free again before `limit` is over.
    bool wait_until_empty(std::chrono::milliseconds limit);

    struct totals {
        std::uint64_t open, total, refused;
    };
    totals count() const;

private:
    void give_back(const boost::asio::ip::address&);

    const std::size_t max_, max_per_address_;
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_map<boost::asio::ip::address, std::size_t> by_address_;
    std::size_t open_ = 0;
    std::uint64_t total_ = 0, refused_ = 0;
};

} // namespace studium::edge
