// The application is a list of parts in order; each may use those above it, so that taking them down in
// reverse is right by itself. This is the only place that knows every part.
#pragma once

#include "server/app/configuration.hpp"
#include "server/ops/metrics.hpp"
#include "server/redis/fitness.hpp"
#include "server/redis/private_server.hpp"
#include "server/room/directory.hpp"
#include "server/workspace/document.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace studium::app {

class application {
public:
    /// Starts Redis if it is to be ours, binds the port. Throws std::runtime_error with what to do next.
    explicit application(configuration);
    ~application();
    application(const application&) = delete;
    application& operator=(const application&) = delete;

    /// Runs until `stop` is asked for by SIGINT or SIGTERM. The status to leave with.
    int run();

private:
    void connect_to_redis();
    void seed_demo();
    void serve();
    void stop();
    /// Runs `work` on the first worker and waits for it.
    template <class T> T wait_for(task<T> work);
    std::vector<edge::route> routes();
    void register_metrics();
    std::string url() const;
    bool ready() const;

    configuration config_;
    std::unique_ptr<redis::private_server> private_redis_;
    redis::endpoint endpoint_;
    redis::fitness fitness_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<std::unique_ptr<room::host>> hosts_;
    std::unique_ptr<room::directory> rooms_;
    live::context live_;
    workspace::counters workspace_counters_;
    metrics::registry metrics_;
    std::unique_ptr<edge::server> edge_;
    std::vector<std::jthread> threads_;
    std::atomic<bool> draining_{false};
};

} // namespace studium::app
