#include "server/redis/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace studium::redis {

namespace {

// Everything the child needs, made before the fork: after it, only async-signal-safe calls are allowed.
struct preparation {
    const char* program;
    std::vector<char*> arguments;
    file_descriptor input, output, failure_read, failure_write;
    pid_t parent;
};

[[noreturn]] void become(const preparation& what) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != what.parent) ::_exit(1); // it died before the line above
    ::setsid();
    ::umask(077);
    for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(what.input.get(), STDIN_FILENO);
    ::dup2(what.output.get(), STDOUT_FILENO);
    ::dup2(what.output.get(), STDERR_FILENO);
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(what.program, what.arguments.data(), environ);
    const int reason = errno;
    [[maybe_unused]] const auto ignored = ::write(what.failure_write.get(), &reason, sizeof reason);
    ::_exit(127);
}

[[noreturn]] void fail(const std::string& what, int reason) {
    throw std::runtime_error{what + ": " + std::strerror(reason)};
}

preparation prepare(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& output) {
    preparation out{};
    out.program = program.c_str();
    out.arguments.push_back(const_cast<char*>(out.program));
    for (const auto& one : arguments) out.arguments.push_back(const_cast<char*>(one.c_str()));
    out.arguments.push_back(nullptr);
    out.parent = ::getpid();
    out.input = file_descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    out.output = file_descriptor{::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    if (!out.output) fail("cannot write " + output.string(), errno);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
    out.failure_read = file_descriptor{ends[0]};
    out.failure_write = file_descriptor{ends[1]};
    return out;
}

} // namespace

file_descriptor::~file_descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

process_handle process_handle::open(pid_t pid) noexcept {
    process_handle out;
    out.pid_ = pid;
    if (pid > 0) out.pidfd_ = file_descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))};
    return out;
}

bool process_handle::signal(int number) const noexcept {
    return ::syscall(SYS_pidfd_send_signal, pidfd(), number, nullptr, 0U) == 0;
}

bool process_handle::ended_within(std::chrono::milliseconds limit) const noexcept {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd ended{pidfd(), POLLIN, 0};
        const int found = ::poll(&ended, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (found > 0) return true;
        if (found == 0 && left.count() <= 0) return false;
    }
}

bool process_handle::terminate(std::chrono::milliseconds grace) const noexcept {
    signal(SIGTERM);
    if (ended_within(grace)) return true;
    signal(SIGKILL);
    return ended_within(grace);
}

process_handle start_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const std::filesystem::path& output) {
    auto ready = prepare(program, arguments, output);
    const pid_t pid = ::fork();
    if (pid < 0) fail("cannot fork", errno);
    if (pid == 0) become(ready);
    auto child = process_handle::open(pid); // not reaped yet, so the pid is still its own
    const int why_not = errno;
    ready.failure_write = file_descriptor{};
    int reason = child ? 0 : why_not;
    if (!child) ::kill(pid, SIGKILL);
    ssize_t count = 0;
    do count = ::read(ready.failure_read.get(), &reason, sizeof reason);
    while (count < 0 && errno == EINTR);
    if (reason != 0) {
        ::waitpid(pid, nullptr, 0);
        fail("cannot run " + program.string(), reason);
    }
    return child;
}

std::string reap(const process_handle& child) {
    int status = 0;
    while (::waitpid(child.pid(), &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

std::filesystem::path find_program(const std::string& name) {
    const auto runs = [](const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; };
    if (name.find('/') != std::string::npos) return runs(name) ? std::filesystem::absolute(name) : "";
    const char* const search = std::getenv("PATH");
    std::istringstream folders{search ? search : "/usr/local/bin:/usr/bin:/bin"};
    for (std::string folder; std::getline(folders, folder, ':');)
        if (const auto path = std::filesystem::path{folder.empty() ? "." : folder} / name; runs(path))
            return std::filesystem::absolute(path);
    return {};
}

} // namespace studium::redis
