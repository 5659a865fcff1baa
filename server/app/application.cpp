#include "server/app/application.hpp"

#include "server/app/demo.hpp"
#include "server/identity/tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <future>
#include <stdexcept>
#include <sys/resource.h>

namespace studium::app {

namespace {

constexpr auto redis_patience = std::chrono::seconds{60};

void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Polls, since what is waited for lives on several threads and is seldom long in coming.
template <class F> task<bool> until(F condition, std::chrono::steady_clock::duration limit) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) co_return false;
        timer.expires_after(std::chrono::milliseconds{20});
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return true;
}

} // namespace

application::application(configuration c) : config_{std::move(c)} {
    log::configure(config_.log_level, config_.log_format);
    identity::start_randomness();
    raise_file_limit();
    std::filesystem::create_directories(config_.data);
    std::filesystem::permissions(config_.data, std::filesystem::perms::owner_all);

    if (config_.redis) {
        endpoint_ = *config_.redis;
    } else {
        private_redis_ = std::make_unique<redis::private_server>(
            redis::private_server::options{config_.data / "redis", "redis-server", config_.appendfsync});
        endpoint_ = private_redis_->address();
    }

    const unsigned threads =
        config_.threads != 0 ? config_.threads : std::max(1U, std::thread::hardware_concurrency());
    std::vector<room::host*> hosts;
    std::vector<worker*> workers;
    const std::string node = identity::new_id("n");
    for (unsigned i = 0; i < threads; ++i) {
        workers_.push_back(std::make_unique<worker>(i));
        workers.push_back(workers_.back().get());
        room::host_options options{endpoint_, config_.link, node + '-' + std::to_string(i), config_.room};
        options.unload_after_ticks = config_.unload_after_seconds;
        hosts_.push_back(std::make_unique<room::host>(*workers_.back(), std::move(options)));
        hosts.push_back(hosts_.back().get());
    }
    rooms_ = std::make_unique<room::directory>(hosts);
    live_ = {rooms_.get(), config_.live, "studium/" STUDIUM_VERSION};

    edge::options options;
    options.address = config_.address;
    options.port = config_.port;
    options.limits = config_.edge;
    if (std::filesystem::exists(config_.web)) options.static_files = config_.web;
    options.client_paths = {"/", "/join/*", "/group", "/teach", "/teach/*"};
    options.content_security_policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    edge_ = std::make_unique<edge::server>(std::move(options), workers, routes());
    register_metrics();
}

application::~application() = default;

template <class T> T application::wait_for(task<T> work) {
    return asio::co_spawn(workers_.front()->executor(), std::move(work), asio::use_future).get();
}

int application::run() {
    asio::io_context signals_io{1};
    asio::signal_set signals{signals_io, SIGINT, SIGTERM};
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        threads_.emplace_back([this, i] {
            hosts_[i]->start();
            workers_[i]->run();
        });
    }
    int status = 0;
    try {
        connect_to_redis();
        serve();
        signals.async_wait([&](const error_code&, int) { signals_io.stop(); });
        signals_io.run();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "studium: %s\n", e.what());
        status = 1;
    }
    stop();
    return status;
}

void application::connect_to_redis() {
    const auto all_up = [this] {
        return std::all_of(hosts_.begin(), hosts_.end(),
                           [](const auto& h) { return h->count().storage_up.load(); });
    };
    if (!wait_for(until(all_up, redis_patience)))
        throw std::runtime_error{"no Redis answers at " + endpoint_.text() +
                                 ". Start it, or leave out --redis to have a private one."};
    auto fitness = wait_for(redis::check_fitness(hosts_.front()->link()));
    if (!fitness)
        throw std::runtime_error{"Redis at " + endpoint_.text() + " went away while it was looked at."};
    fitness_ = std::move(*fitness);
    for (const auto& warning : fitness_.warnings)
        std::fprintf(stderr, "studium: warning: %s\n", warning.c_str());
    if (fitness_.fit()) return;
    std::string reasons = "this Redis can't be trusted with what must not be lost:";
    for (const auto& refusal : fitness_.refusals) reasons += "\n  " + refusal;
    throw std::runtime_error{reasons};
}

std::string application::url() const {
    const bool any = config_.address == "0.0.0.0" || config_.address == "::";
    const std::string host = any ? "127.0.0.1" : config_.address;
    return "http://" + (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' +
           std::to_string(edge_->port());
}

void application::serve() {
    std::string links;
    if (config_.demo) {
        const auto demo = wait_for(app::seed_demo(live_, config_.data, url(), config_.demo_groups));
        if (!demo) throw std::runtime_error{"the demo could not be seeded: " + demo.error().message()};
        links = "  A student joins at   " + demo->student + "\n  or types the code    " + demo->bogota_code +
                "   (Bogotá)   " + demo->osaka_code + "   (Osaka)\n  A teacher looks in at " + demo->teacher +
                "\n  Tokens for editors of your own: " + (config_.data / "demo.json").string() + "\n";
    }
    edge_->start();
    if (config_.web.empty() || !std::filesystem::exists(config_.web / "index.html"))
        std::fprintf(stderr, "studium: warning: no web client in '%s'; ./run --build-only builds it\n",
                     config_.web.c_str());
    std::printf("%sStudium is ready at %s\n", links.c_str(), url().c_str());
    std::fflush(stdout);
    log::info("app.ready", {{"port", edge_->port()}, {"workers", workers_.size()}});
}

/// No new work; what is open gets time to end; what was taken gets stored; then everything goes, in reverse.
void application::stop() {
    draining_ = true;
    const bool all_closed = edge_->stop(close_codes::restarting, config_.drain);
    const auto leave = [this](std::size_t i) -> task<bool> {
        auto& h = *hosts_[i];
        const bool stored =
            co_await until([&h] { return h.idle() || !h.storage_up(); }, std::chrono::seconds{5});
        h.leave_all();
        co_return stored;
    };
    bool all_stored = true;
    for (std::size_t i = 0; i < hosts_.size(); ++i)
        all_stored = asio::co_spawn(workers_[i]->executor(), leave(i), asio::use_future).get() && all_stored;
    for (auto& w : workers_) w->stop();
    threads_.clear(); // joins
    edge_.reset();
    hosts_.clear();
    workers_.clear();
    private_redis_.reset();
    log::info("app.stopped", {{"all_closed", all_closed}, {"all_stored", all_stored}});
}

} // namespace studium::app
