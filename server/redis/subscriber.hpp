// Channels of Redis (plain SUBSCRIBE) on one connection that reconnects and subscribes again by itself.
#pragma once

#include "server/redis/link.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace studium::redis {

/// Belongs to one worker. What was published while the connection was down is lost: whoever needs to know
/// compares positions when `on_ready` tells that the channel is (again) followed.
class subscriber {
public:
    subscriber(worker&, endpoint, link_options);
    ~subscriber();
    subscriber(const subscriber&) = delete;
    subscriber& operator=(const subscriber&) = delete;

    void start();
    bool up() const noexcept;
    std::string_view last_error() const noexcept; // as of link

    /// `on_ready` runs each time Redis has confirmed the subscription, thus again after each reconnect.
    /// Subscribing to a channel again replaces its handlers. A connection that stays silent is noticed within
    /// two command timeouts, by PING.
    void subscribe(std::string channel, std::function<void()> on_ready,
                   std::function<void(std::string_view payload)> on_message);
    /// No handler of the channel runs after this returns.
    void unsubscribe(std::string_view channel);

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

} // namespace studium::redis
