// For tests against a real Redis: a server of one's own in a temporary directory, and a worker with its
// thread.
#pragma once

#include "server/core/worker.hpp"
#include "server/redis/link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace studium::support {

/// Far beyond what anything takes, also under a sanitizer on a busy machine: reached only by a failing test.
inline constexpr std::chrono::seconds patience{60};

/// Waits until `holds()` does; false after `patience`.
template <class Condition> bool eventually(Condition holds) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

class temporary_directory {
public:
    temporary_directory() {
        auto name = (std::filesystem::temp_directory_path() / "studium-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error{"mkdtemp failed"};
        path_ = name;
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// A TCP port of the loopback that was free a moment ago.
inline std::uint16_t free_port() {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto* const address = reinterpret_cast<sockaddr*>(&any);
    const bool found = ::bind(fd, address, size) == 0 && ::getsockname(fd, address, &size) == 0;
    ::close(fd);
    if (!found) throw std::runtime_error{"no free port"};
    return ntohs(any.sin_port);
}

/// A redis-server on a private Unix socket, append-only with every write synced; what it has stored outlives
/// kill(), stop() and restart(), not the object.
class redis_server {
public:
    /// `settings` are lines of redis.conf, such as "requirepass secret".
    explicit redis_server(std::vector<std::string> settings = {}) : settings_{std::move(settings)} {
        start();
    }
    redis_server(const redis_server&) = delete;
    redis_server& operator=(const redis_server&) = delete;
    ~redis_server() { end_with(SIGKILL); }

    redis::endpoint address() const {
        redis::endpoint out;
        out.unix_socket = socket_path();
        return out;
    }
    pid_t pid() const noexcept { return pid_; }
    const std::filesystem::path& directory() const noexcept { return directory_.path(); }

    /// Returns once it answers (with an error too: of a missing password, or that it is loading).
    void start() {
        write_configuration();
        std::filesystem::remove(socket_path()); // a killed one leaves it, and nobody answers on it
        pid_ = spawn();
        const auto limit = std::chrono::steady_clock::now() + patience;
        while (!answers()) {
            if (::waitpid(pid_, nullptr, WNOHANG) == pid_ || std::chrono::steady_clock::now() > limit) {
                pid_ = 0;
                throw std::runtime_error{"redis-server does not start: see " +
                                         (directory() / "log").string()};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
    }
    void kill() { end_with(SIGKILL); }
    void stop() { end_with(SIGTERM); }
    void restart() {
        stop();
        start();
    }
    void pause() { signal(SIGSTOP); }
    void resume() { signal(SIGCONT); }

private:
    std::string socket_path() const { return (directory() / "redis.sock").string(); }

    void write_configuration() const {
        std::ofstream out{directory() / "redis.conf"};
        out << "port 0\nunixsocket " << socket_path() << "\nunixsocketperm 700\ndir " << directory().string()
            << "\nappendonly yes\nappendfsync always\nsave \"\"\ndaemonize no\nlogfile "
            << (directory() / "log").string() << "\n";
        for (const auto& line : settings_) out << line << "\n";
    }

    pid_t spawn() const {
        const auto configuration = (directory() / "redis.conf").string();
        const auto parent = ::getpid();
        const auto child = ::fork();
        if (child < 0) throw std::runtime_error{"fork failed"};
        if (child > 0) return child;
        // The kernel ends it with the thread that forked it: tests start servers from the main thread.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::execl("/usr/bin/redis-server", "redis-server", configuration.c_str(), nullptr);
        ::execlp("redis-server", "redis-server", configuration.c_str(), nullptr);
        ::_exit(127);
    }

    bool answers() const {
        const auto path = socket_path();
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        if (path.size() >= sizeof where.sun_path)
            throw std::runtime_error{"the temporary directory's path is too long"};
        path.copy(where.sun_path, path.size());
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        pollfd readable{fd, POLLIN, 0};
        char answer = 0;
        const bool answered = ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
                              ::send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
                              ::poll(&readable, 1, 1000) == 1 && ::read(fd, &answer, 1) == 1;
        ::close(fd);
        return answered;
    }

    void signal(int number) const {
        if (pid_ > 0) ::kill(pid_, number); // 0 would be our own process group
    }

    void end_with(int number) {
        if (pid_ == 0) return;
        signal(number);
        signal(SIGCONT);
        ::waitpid(std::exchange(pid_, 0), nullptr, 0);
    }

    temporary_directory directory_;
    std::vector<std::string> settings_;
    pid_t pid_ = 0;
};

/// A worker and the thread that runs it. What belongs to the worker is made, used and destroyed by call().
class worker_thread {
public:
    explicit worker_thread(unsigned index = 0) : worker_{index}, thread_{[this] { worker_.run(); }} {}
    worker_thread(const worker_thread&) = delete;
    worker_thread& operator=(const worker_thread&) = delete;
    ~worker_thread() { stop(); }

    worker& get() noexcept { return worker_; }

    /// Runs `work()` on the worker's thread and returns what it returns.
    template <class Work> auto call(Work work) -> decltype(work()) {
        auto wrapped = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
        auto answer = wrapped->get_future();
        asio::post(worker_.executor(), [wrapped] { (*wrapped)(); });
        return answer.get();
    }

    /// Runs the coroutine `start()` on the worker and returns its result. Throws where that takes too long.
    template <class Start> auto await(Start start) {
        using outcome = typename std::invoke_result_t<Start&>::value_type;
        auto finished = std::make_shared<std::promise<outcome>>();
        auto answer = finished->get_future();
        asio::post(worker_.executor(), [this, finished, start = std::move(start)]() mutable {
            spawn(std::move(start), finished);
        });
        if (answer.wait_for(patience) != std::future_status::ready)
            throw std::runtime_error{"still suspended"};
        return answer.get();
    }

    /// Joins the thread; handlers that were not run yet never are.
    void stop() {
        if (!thread_.joinable()) return;
        worker_.stop();
        thread_.join();
    }

private:
    template <class Start, class Outcome>
    void spawn(Start start, std::shared_ptr<std::promise<Outcome>> finished) {
        auto kept =
            std::make_shared<Start>(std::move(start)); // a lambda's captures must outlive its coroutine
        if constexpr (std::is_void_v<Outcome>) {
            asio::co_spawn(worker_.executor(), (*kept)(), [kept, finished](std::exception_ptr failure) {
                failure ? finished->set_exception(failure) : finished->set_value();
            });
        } else {
            asio::co_spawn(
                worker_.executor(), (*kept)(), [kept, finished](std::exception_ptr failure, Outcome value) {
                    failure ? finished->set_exception(failure) : finished->set_value(std::move(value));
                });
        }
    }

    worker worker_;
    std::thread thread_;
};

/// Something that belongs to a worker and is reached from the test's thread: made and destroyed on the
/// worker.
template <class T> class on_worker {
public:
    template <class... Arguments>
    explicit on_worker(worker_thread& thread, Arguments&&... arguments) : thread_{thread} {
        thread_.call([&] { thing_.emplace(thread_.get(), std::forward<Arguments>(arguments)...); });
    }
    on_worker(const on_worker&) = delete;
    on_worker& operator=(const on_worker&) = delete;
    ~on_worker() { reset(); }

    void reset() {
        thread_.call([&] { thing_.reset(); });
    }
    /// Runs `work(T&)` on the worker's thread.
    template <class Work> auto with(Work work) {
        return thread_.call([&] { return work(*thing_); });
    }

private:
    worker_thread& thread_;
    std::optional<T> thing_;
};

/// One command, and its answer; from the test's thread.
inline result<redis::reply> ask(worker_thread& thread, redis::link& link, std::vector<std::string> command) {
    return thread.await([&link, command = std::move(command)] { return link.run(command); });
}

} // namespace studium::support
