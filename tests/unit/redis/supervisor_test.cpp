#include "server/redis/supervisor.hpp"
#include "tests/unit/redis/redis_test.hpp"

#include <fcntl.h>
#include <fstream>
#include <optional>
#include <signal.h>

namespace studium::redis {
namespace {

namespace fs = std::filesystem;

class Supervisor : public testing::Test {
protected:
    supervisor::command shell(const std::string& commands) {
        return {
            "/bin/sh", {"-c", "cd " + root_.path().string() + "\n" + commands}, root_.path() / "output", {}};
    }
    static std::string content(const fs::path& file) {
        std::ifstream in{file};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    std::string output() { return content(root_.path() / "output"); }
    const support::temporary_directory root_;
};

TEST_F(Supervisor, LeavesAFirstEndToItsOwner) {
    supervisor it{shell("exit 3")};
    std::optional<std::string> how;
    ASSERT_TRUE(eventually([&] { return (how = it.ended_within(10ms)).has_value(); }));
    EXPECT_EQ(*how, "exit status 3");
    EXPECT_FALSE(it.keep_running());
    EXPECT_EQ(it.pid(), 0);
}

TEST_F(Supervisor, SaysWhyAProgramCannotRun) {
    supervisor it{{root_.path() / "none", {}, root_.path() / "output", {}}};
    std::optional<std::string> how;
    ASSERT_TRUE(eventually([&] { return (how = it.ended_within(10ms)).has_value(); }));
    EXPECT_NE(how->find("No such file"), std::string::npos) << *how;
}

TEST_F(Supervisor, StartsAChildAgainAndAgain) {
    supervisor it{
        shell("echo x; [ ! -e hurry ] || [ $(grep -c x output) -ge 5 ] || exit 1; exec sleep 1000")};
    ASSERT_TRUE(eventually([&] { return output() == "x\n"; }));
    ASSERT_TRUE(it.keep_running());
    std::ofstream{root_.path() / "hurry"} << "up";
    kill_child(it);
    ASSERT_TRUE(eventually([&] { return output() == "x\nx\nx\nx\nx\n" && it.pid() != 0; }));
}

TEST_F(Supervisor, StopsAtOnceInThePauseBetweenTwoStarts) {
    std::optional<supervisor> it;
    it.emplace(shell("echo x; [ -e hurry ] && exit 1; exec sleep 1000"));
    ASSERT_TRUE(eventually([&] { return output() == "x\n"; }));
    ASSERT_TRUE(it->keep_running());
    std::ofstream{root_.path() / "hurry"} << "up";
    kill_child(*it);
    ASSERT_TRUE(eventually([&] { return output().size() > 6; }));
    it.reset(); // the test's own limit would tell of a hang
}

TEST_F(Supervisor, GivesTheChildNeitherDescriptorsNorSignalsOfOurs) {
    const file_descriptor null{::open("/dev/null", O_RDONLY)};
    const file_descriptor ours{
        ::fcntl(null.get(), F_DUPFD, 200)}; // not close-on-exec, and no number it would use
    sigset_t blocked, before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    supervisor it{{"/bin/sleep", {"1000"}, root_.path() / "output", {}}};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const auto child = [&](const char* what) { return fs::path{"/proc"} / std::to_string(it.pid()) / what; };
    ASSERT_TRUE(eventually([&] { return it.pid() != 0 && content(child("comm")) == "sleep\n"; }));
    const auto status = content(child("status"));
    EXPECT_NE(status.find("SigBlk:\t0000000000000000"), std::string::npos) << status;
    EXPECT_NE(status.find("SigIgn:\t0000000000000000"), std::string::npos) << status;
    EXPECT_FALSE(fs::exists(child("fd") / std::to_string(ours.get())));
}

} // namespace
} // namespace studium::redis
