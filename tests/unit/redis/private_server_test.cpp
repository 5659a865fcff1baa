#include "server/redis/child_process.hpp"
#include "server/redis/private_server.hpp"
#include "tests/unit/redis/redis_test.hpp"

#include <set>
#include <sys/stat.h>

namespace studium::redis {
namespace {

namespace fs = std::filesystem;

// Another process that holds a private server, to be killed.
class holder {
public:
    explicit holder(const fs::path& directory)
        : output_{directory.parent_path() / "holder"},
          process_{start_child(STUDIUM_PRIVATE_SERVER_HOLDER, {directory.string()}, output_)} {
        EXPECT_TRUE(eventually([&] { return static_cast<bool>(std::ifstream{output_} >> redis_pid_); }));
    }
    ~holder() { kill(); }
    pid_t redis_pid() const { return redis_pid_; }
    pid_t pid() const { return process_.pid(); }
    void kill() {
        if (!std::exchange(running_, false)) return;
        process_.signal(SIGKILL);
        reap(process_);
    }

private:
    fs::path output_;
    process_handle process_;
    pid_t redis_pid_ = 0;
    bool running_ = true;
};

std::string failure_of(const private_server::options& options) {
    try {
        const private_server server{options};
    } catch (const std::runtime_error& failure) {
        return failure.what();
    }
    return "none";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class PrivateServer : public testing::Test {
protected:
    const support::temporary_directory root_;
    const fs::path directory_ = root_.path() / "data with \"quotes\"";
};

TEST_F(PrivateServer, IsReadyPrivateAndSyncedWhenConstructed) {
    const private_server server{{.directory = directory_}};
    linked link{server.address()};
    EXPECT_EQ(link.ask({"CONFIG", "GET", "appendfsync"})->items[1].text, "always");
    EXPECT_EQ(link.ask({"CONFIG", "GET", "maxmemory-policy"})->items[1].text, "noeviction");
    EXPECT_EQ(link.ask({"CONFIG", "GET", "port"})->items[1].text, "0");
    EXPECT_TRUE(contains(link.ask({"INFO", "server"})->text, "process_id:" + std::to_string(server.pid())));
    EXPECT_EQ(fs::status(directory_).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(directory_ / "redis.sock").permissions(), fs::perms::owner_all);
    constexpr auto others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(fs::status(directory_ / "appendonlydir").permissions() & others, fs::perms::none);
}

TEST_F(PrivateServer, KeepsItsDataAndEndsWithItsObject) {
    process_handle child;
    {
        const private_server server{{.directory = directory_, .appendfsync = "everysec"}};
        child = process_handle::open(server.pid());
        linked link{server.address()};
        EXPECT_EQ(link.ask({"CONFIG", "GET", "appendfsync"})->items[1].text, "everysec");
        link.ask({"SET", "kept", "yes"});
    }
    EXPECT_TRUE(child.ended_within(0ms));
    const private_server again{{.directory = directory_}};
    linked link{again.address()};
    EXPECT_EQ(link.ask({"GET", "kept"})->text, "yes");
}

TEST_F(PrivateServer, PutsItsSocketElsewhereWhereThePathWouldBeTooLong) {
    const auto deep = root_.path() / std::string(100, 'd');
    fs::path socket;
    {
        const private_server server{{.directory = deep}};
        socket = server.address().unix_socket;
        EXPECT_FALSE(socket.native().starts_with(deep.native()));
        EXPECT_EQ(fs::status(socket.parent_path()).permissions(), fs::perms::owner_all);
        linked link{server.address()};
        EXPECT_EQ(link.ask({"PING"})->text, "PONG");
    }
    EXPECT_FALSE(fs::exists(socket.parent_path()));
}

TEST_F(PrivateServer, IsStartedAgainWhenKilledAndHasEveryAcknowledgedWrite) {
    const private_server server{{.directory = directory_}};
    linked link{server.address()};
    std::vector<std::string> acknowledged; // on the worker
    for (int round = 0; round < 3; ++round) {
        link.with([&](auto& l) {
            for (int i = 0; i < 20'000; ++i)
                l.command({"XADD", "log", "*", "f", "v"}, [&](result<reply> answer) {
                    if (answer) acknowledged.push_back(answer->text);
                });
        });
        const auto some = link.with([&](auto&) { return acknowledged.size() + 100; });
        ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return acknowledged.size() > some; }); }));
        const auto killed = kill_child(server);
        ASSERT_TRUE(eventually([&] { return server.pid() != killed && server.pid() != 0; }));
        ASSERT_TRUE(
            eventually([&] { return link.with([](auto& l) { return l.up() && l.in_flight() == 0; }); }));
    }
    std::set<std::string> stored;
    const auto all = link.ask({"XRANGE", "log", "-", "+"});
    for (const auto& entry : all->items) stored.insert(entry.items[0].text);
    for (const auto& id : acknowledged) ASSERT_TRUE(stored.contains(id)) << id;
    link.destroy();
}

TEST_F(PrivateServer, RefusesASecondServerOnOneDirectoryAndNamesTheFirst) {
    const holder first{directory_};
    const auto failure = failure_of({.directory = directory_});
    EXPECT_TRUE(contains(failure, "process " + std::to_string(first.pid()))) << failure;
    EXPECT_TRUE(contains(failure, (directory_ / "lock").string())) << failure;
    EXPECT_FALSE(process_handle::open(first.redis_pid()).ended_within(0ms));
}

TEST_F(PrivateServer, EndsWhenItsParentIsKilledAndItsDirectoryIsFreeAtOnce) {
    for (int round = 0; round < 3; ++round) {
        holder parent{directory_};
        const auto child = process_handle::open(parent.redis_pid());
        {
            endpoint where;
            where.unix_socket = directory_ / "redis.sock";
            linked link{where};
            EXPECT_EQ(link.ask({"INCR", "rounds"})->number, 2 * round + 1);
        }
        parent.kill();
        if (round == 0) EXPECT_TRUE(child.ended_within(support::patience));
        const private_server next{{.directory = directory_}};
        linked link{next.address()};
        EXPECT_EQ(link.ask({"INCR", "rounds"})->number, 2 * round + 2);
        EXPECT_TRUE(child.ended_within(0ms));
    }
}

TEST_F(PrivateServer, TakesOverFromALeftoverThatStillListens) {
    const redis_server leftover; // its directory is laid out as ours is
    const auto old = process_handle::open(leftover.pid());
    {
        linked link{leftover};
        link.ask({"SET", "kept", "yes"});
    }
    const private_server server{{.directory = leftover.directory()}};
    EXPECT_TRUE(old.ended_within(0ms));
    linked link{server.address()};
    EXPECT_EQ(link.ask({"GET", "kept"})->text, "yes");
}

TEST_F(PrivateServer, TakesOverFromALeftoverWhoseSocketIsGone) {
    fs::create_directory(directory_);
    const redis_server leftover{
        {"dir \"" + root_.path().string() + "\"", "pidfile " + (root_.path() / "redis.pid").string()}};
    const auto old = process_handle::open(leftover.pid());
    const private_server server{{.directory = root_.path()}};
    EXPECT_TRUE(old.ended_within(0ms));
}

TEST_F(PrivateServer, TouchesNoOtherProcessThatAnOldPidFileNames) {
    fs::create_directories(directory_);
    std::ofstream{directory_ / "redis.pid"} << ::getpid();
    const private_server server{{.directory = directory_}}; // and we are alive
    EXPECT_NE(server.pid(), 0);
}

TEST_F(PrivateServer, SaysWhatToDoWhereItCannotStart) {
    const auto missing = failure_of({.directory = directory_, .program = "no-such-redis-server"});
    EXPECT_TRUE(contains(missing, "install the package redis-server")) << missing;
    const auto fsync = failure_of({.directory = directory_, .appendfsync = "sometimes"});
    EXPECT_TRUE(contains(fsync, "always, everysec or no")) << fsync;
    std::ofstream{root_.path() / "file"} << "x";
    EXPECT_TRUE(
        contains(failure_of({.directory = root_.path() / "file"}), "cannot use it as data directory"));

    fs::create_directories(directory_ / "appendonlydir");
    std::ofstream{directory_ / "appendonlydir" / "appendonly.aof.manifest"} << "not a manifest\n";
    const auto broken = failure_of({.directory = directory_});
    EXPECT_TRUE(contains(broken, "redis.log")) << broken;
    EXPECT_TRUE(contains(broken, "AOF manifest")) << broken;
}

TEST_F(PrivateServer, LeaksNoDescriptor) {
    std::size_t before = 0;
    for (int round = 0; round < 5; ++round) {
        if (round == 1) before = open_descriptors();
        const private_server server{{.directory = directory_}};
    }
    EXPECT_EQ(open_descriptors(), before);
}

} // namespace
} // namespace studium::redis
