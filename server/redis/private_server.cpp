#include "server/redis/private_server.hpp"

#include "server/redis/supervisor.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace studium::redis {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_socket_path = 100;
constexpr auto leftover_grace = 10s;
constexpr auto silence_limit = 60s; // for a server that neither answers nor ends
constexpr auto loading_limit = 30min;

// Blocking, and only for the start: nothing else runs yet.
file_descriptor connect(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof where.sun_path) return file_descriptor{};
    path.copy(where.sun_path, path.size());
    file_descriptor out{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const timeval limit{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(out.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(out.get(), SOL_SOCKET, SO_SNDTIMEO, &limit,
                 sizeof limit); // connecting too, to a full backlog
    if (::connect(out.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
        return file_descriptor{};
    return out;
}

enum class answer { none, loading, pong };

answer ping(const std::string& path) {
    constexpr std::string_view command = "PING\r\n";
    const auto server = connect(path);
    if (!server || ::send(server.get(), command.data(), command.size(), MSG_NOSIGNAL) < 0)
        return answer::none;
    std::array<char, 128> buffer{};
    const auto count = ::recv(server.get(), buffer.data(), buffer.size(), 0);
    const std::string_view said{buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    if (said.starts_with("+PONG")) return answer::pong;
    return said.starts_with("-LOADING") ? answer::loading : answer::none;
}

// Who listens on a Unix socket.
std::optional<pid_t> listener(const std::string& path) {
    const auto server = connect(path);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!server || ::getsockopt(server.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::nullopt;
    return peer.pid;
}

std::string last_lines(const fs::path& file, std::size_t count) {
    std::ifstream in{file};
    std::deque<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back("  " + line + "\n");
        if (lines.size() > count) lines.pop_front();
    }
    std::string out;
    for (const auto& line : lines) out += line;
    return out;
}

// As the parser of redis.conf reads it back, whatever characters a path has.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

} // namespace

class private_server::impl {
public:
    explicit impl(options);
    ~impl();
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    const endpoint& address() const noexcept { return address_; }
    int pid() const noexcept { return supervisor_->pid(); }

private:
    void make_directory();
    void lock();
    void choose_socket();
    void end_leftover() const;
    process_handle leftover() const;
    void write_configuration() const;
    void start();
    void wait_until_ready();
    [[noreturn]] void fail(const std::string& what) const;

    options options_;
    fs::path program_;
    file_descriptor lock_;
    fs::path socket_directory_; // where it is not ours already
    endpoint address_;
    std::optional<supervisor> supervisor_;
};

private_server::impl::impl(options o) : options_{std::move(o)}, program_{find_program(options_.program)} {
    if (program_.empty())
        throw std::runtime_error{
            "cannot find " + options_.program +
            ": install the package redis-server, or use a Redis of your own with --redis"};
    if (const auto& how = options_.appendfsync; how != "always" && how != "everysec" && how != "no")
        throw std::runtime_error{"appendfsync must be always, everysec or no, not \"" + how + "\""};
    make_directory();
    lock();
    end_leftover();
    choose_socket();
    write_configuration();
    start();
}

private_server::impl::~impl() {
    supervisor_.reset();
    std::error_code ignored;
    if (!socket_directory_.empty()) fs::remove_all(socket_directory_, ignored);
}

void private_server::impl::make_directory() {
    auto& directory = options_.directory;
    std::error_code failure;
    if (fs::create_directories(directory, failure))
        fs::permissions(directory, fs::perms::owner_all, fs::perm_options::replace, failure);
    if (!failure) directory = fs::canonical(directory, failure);
    if (failure) fail("cannot use it as data directory: " + failure.message());
    if (directory.native().find_first_of("\n\r") != std::string::npos) fail("a line break in its name");
}

void private_server::impl::lock() {
    const auto path = options_.directory / "lock";
    lock_ = file_descriptor{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!lock_) fail("cannot open " + path.string() + ": " + std::generic_category().message(errno));
    std::array<char, 32> holder{};
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        const auto length = ::read(lock_.get(), holder.data(), holder.size() - 1);
        const std::string who = length > 0 ? "process " + std::string{holder.data()} : "another process";
        fail("in use by " + who + ", which holds " + path.string() +
             ": stop it first, or choose another data directory");
    }
    const auto me = std::to_string(::getpid());
    if (::ftruncate(lock_.get(), 0) != 0 || ::pwrite(lock_.get(), me.data(), me.size(), 0) < 0)
        fail("cannot write " + path.string() + ": " + std::generic_category().message(errno));
}

// Two Redis on one append-only file would ruin it, so what is left of an earlier run must be gone first.
void private_server::impl::end_leftover() const {
    while (const auto old = leftover()) {
        if (!old.terminate(leftover_grace))
            fail("an earlier redis-server (process " + std::to_string(old.pid()) +
                 ") still runs on it: end that");
    }
}

process_handle private_server::impl::leftover() const {
    if (const auto pid = listener(options_.directory / "redis.sock")) {
        auto found = process_handle::open(*pid);
        if (!found) fail("someone whom we cannot see listens on its redis.sock: end that");
        return found;
    }
    // It may be past listening and not gone yet, or have its socket elsewhere. The file is ours: one that
    // Redis writes is removed while Redis still has its socket's path to remove, by then perhaps the next
    // one's.
    pid_t pid = 0;
    std::ifstream{options_.directory / "redis.pid"} >> pid;
    auto found = process_handle::open(pid);
    if (!found || found.ended_within(0ms)) return {};
    std::error_code failure;
    const auto its_directory = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", failure);
    std::string name;
    std::ifstream{"/proc/" + std::to_string(pid) + "/comm"} >> name;
    const bool ours = !failure && its_directory == options_.directory && name.starts_with("redis-");
    return ours ? std::move(found) : process_handle{};
}

// sockaddr_un takes 107 characters.
void private_server::impl::choose_socket() {
    auto path = options_.directory / "redis.sock";
    if (path.native().size() > longest_socket_path) {
        auto name = (fs::temp_directory_path() / "studium-redis-XXXXXX").string();
        if (!::mkdtemp(name.data())) fail("cannot make a directory for its socket in " + name);
        socket_directory_ = name;
        path = socket_directory_ / "redis.sock";
    }
    address_.unix_socket = path;
}

void private_server::impl::write_configuration() const {
    const auto file = [&](const char* name) { return quoted(options_.directory / name); };
    std::ofstream out{options_.directory / "redis.conf", std::ios::trunc};
    out << "# Written at each start; changes here are lost.\n"
        << "port 0\n"
        << "unixsocket " << quoted(address_.unix_socket) << "\nunixsocketperm 700\n"
        << "dir " << quoted(options_.directory) << "\n"
        << "logfile " << file("redis.log") << "\n"
        << "daemonize no\nsupervised no\n"
        << "appendonly yes\nappendfsync " << options_.appendfsync << "\nsave \"\"\n"
        << "maxmemory-policy noeviction\n";
    out.close();
    if (!out) fail("cannot write redis.conf");
}

void private_server::impl::start() {
    const auto& directory = options_.directory;
    const std::vector<std::string> arguments{directory / "redis.conf"};
    supervisor_.emplace(
        supervisor::command{program_, arguments, directory / "redis.log", directory / "redis.pid"});
    wait_until_ready();
    if (!supervisor_->keep_running()) fail("redis-server ended as soon as it was ready");
}

void private_server::impl::wait_until_ready() {
    const auto began = std::chrono::steady_clock::now();
    auto heard = began;
    const auto log = options_.directory / "redis.log";
    for (;;) {
        if (const auto how = supervisor_->ended_within(10ms))
            fail("redis-server ended (" + *how + "). The end of " + log.string() + ":\n" +
                 last_lines(log, 10));
        const auto said = ping(address_.unix_socket);
        const auto now = std::chrono::steady_clock::now();
        if (said == answer::pong) return;
        if (said == answer::loading) heard = now;
        if (now - heard > silence_limit || now - began > loading_limit)
            fail("redis-server does not get ready. The end of " + log.string() + ":\n" + last_lines(log, 10));
    }
}

void private_server::impl::fail(const std::string& what) const {
    throw std::runtime_error{options_.directory.string() + ": " + what};
}

private_server::private_server(options o) : impl_{std::make_unique<impl>(std::move(o))} {}
private_server::~private_server() = default;
const endpoint& private_server::address() const noexcept { return impl_->address(); }
int private_server::pid() const noexcept { return impl_->pid(); }

} // namespace studium::redis
