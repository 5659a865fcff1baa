// What a link does when Redis dies, stops, refuses or comes back.
#include "tests/unit/redis/redis_test.hpp"

#include <map>
#include <set>

namespace studium::redis {
namespace {

std::string last_error(on_worker<link>& link) {
    return link.with([](auto& l) { return std::string{l.last_error()}; });
}

// Appends as fast as answers come, several at a time, and counts how each ended. Lives on the link's worker.
class appender {
public:
    void run(link& l, int lanes) {
        for (int i = 0; i < lanes; ++i) append(l);
    }
    void stop() { stopped_ = true; }
    bool idle() const { return running_ == 0; }
    std::map<std::string, int> ends;       // by the name of the failure, or "ok"
    std::vector<std::string> acknowledged; // ids

private:
    void append(link& l) {
        ++running_;
        l.command({"XADD", "log", "*", "f", "v"}, [this, &l](result<reply> answer) {
            --running_;
            ++ends[answer ? "ok" : std::string{name_of(static_cast<errc>(answer.error().value()))}];
            if (answer) acknowledged.push_back(answer->text);
            if (answer && !stopped_) append(l);
        });
    }
    int running_ = 0;
    bool stopped_ = false;
};

TEST(LinkFaults, TellsLostInFlightFromNeverSentAndComesBack) {
    redis_server server;
    linked link{server};
    std::vector<std::string> runs;
    appender load;
    link.with([&](auto& l) {
        l.on_change([&](std::string_view id) { runs.emplace_back(id); });
        load.run(l, 50);
    });
    ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return load.acknowledged.size() > 500; }); }));
    server.kill();
    ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return load.idle(); }); }));
    EXPECT_FALSE(link.up());
    EXPECT_EQ(load.ends["indeterminate"], 50);
    EXPECT_EQ(load.ends["store_unavailable"], 0);
    EXPECT_EQ(link.ask({"PING"}).error(), errc::store_unavailable);

    server.start();
    ASSERT_TRUE(eventually([&] { return link.up(); }));
    EXPECT_EQ(link.with([&](auto&) { return runs.size(); }), 3u);
    EXPECT_NE(runs[0], runs[2]);
    const auto stored = link.ask({"XRANGE", "log", "-", "+"});
    std::set<std::string> ids;
    for (const auto& entry : stored->items) ids.insert(entry.items[0].text);
    for (const auto& id : load.acknowledged) EXPECT_TRUE(ids.contains(id)) << id;
    link.destroy();
}

TEST(LinkFaults, ComesBackAfterEveryOneOfManyRestarts) {
    redis_server server;
    linked link{server};
    for (int i = 0; i < 10; ++i) {
        server.kill();
        ASSERT_TRUE(eventually([&] { return !link.up(); }));
        server.start();
        ASSERT_TRUE(eventually([&] { return link.up(); }));
        EXPECT_EQ(link.ask({"INCR", "rounds"})->number, i + 1);
    }
}

TEST(LinkFaults, CutsAConnectionThatDoesNotAnswer) {
    redis_server server;
    linked link{server, hasty};
    server.pause();
    EXPECT_EQ(link.ask({"SET", "k", "v"}).error(), errc::indeterminate);
    EXPECT_EQ(link.ask({"SET", "k", "v"}).error(), errc::store_unavailable);
    server.resume();
    ASSERT_TRUE(eventually([&] { return link.up(); }));
    linked other{server};
    EXPECT_EQ(other.ask({"GET", "k"})->text, "v"); // so it was indeterminate
}

TEST(LinkFaults, MeasuresTheAgeOfTheOldestCommandNotOfTheConnection) {
    redis_server server;
    auto options = calm;
    options.command_timeout = 3s;
    linked link{server, options};
    for (int i = 0; i < 9; ++i) // together longer than the timeout
        EXPECT_TRUE(link.ask({"BLPOP", "empty", "0.4"})->is_nil());
}

TEST(LinkFaults, KeepsTryingWhileThePasswordIsWrongAndSaysWhy) {
    redis_server server{{"requirepass right"}};
    worker_thread thread;
    auto where = server.address();
    where.password = "wrong";
    on_worker<link> wrong{thread, where, calm};
    on_worker<link> missing{thread, server.address(), calm};
    wrong.with([](auto& l) { l.start(); });
    missing.with([](auto& l) { l.start(); });
    EXPECT_TRUE(eventually([&] { return last_error(wrong).starts_with("WRONGPASS"); }));
    EXPECT_TRUE(eventually([&] { return last_error(missing).starts_with("NOAUTH"); }));
    EXPECT_FALSE(wrong.with([](auto& l) { return l.up(); }));
    where.password = "right";
    linked admin{where};
    admin.ask({"CONFIG", "SET", "requirepass", "wrong"});
    EXPECT_TRUE(eventually([&] { return wrong.with([](auto& l) { return l.up(); }); }));
    EXPECT_EQ(last_error(wrong), "");
}

TEST(LinkFaults, WaitsForAServerThatComesLater) {
    support::temporary_directory nowhere;
    worker_thread thread;
    endpoint where;
    where.unix_socket = nowhere.path() / "redis.sock";
    on_worker<link> link{thread, where, calm};
    link.with([](auto& l) { l.start(); });
    ASSERT_TRUE(eventually([&] { return last_error(link) != ""; }));
    redis_server server;
    std::filesystem::create_symlink(server.address().unix_socket, where.unix_socket);
    EXPECT_TRUE(eventually([&] { return link.with([](auto& l) { return l.up(); }); }));
}

TEST(LinkFaults, IsNotUpWhileRedisLoads) {
    redis_server server{{"key-load-delay 100000", "loading-process-events-interval-bytes 1024"}};
    {
        linked link{server};
        std::vector<std::string> command{"RPUSH", "list"};
        command.insert(command.end(), 1000, "x");
        for (int i = 0; i < 200; ++i) {
            command[1] = "list" + std::to_string(i);
            link.ask(command);
        }
        link.ask({"BGREWRITEAOF"});
        ASSERT_TRUE(eventually([&] {
            return link.ask({"INFO", "persistence"})->text.find("aof_rewrite_in_progress:0") !=
                       std::string::npos &&
                   link.ask({"INFO", "persistence"})->text.find("aof_rewrite_scheduled:0") !=
                       std::string::npos;
        }));
    }
    server.kill();
    server.start(); // returns while it loads
    worker_thread thread;
    on_worker<link> link{thread, server.address(), calm};
    link.with([](auto& l) { l.start(); });
    EXPECT_TRUE(eventually([&] { return last_error(link).starts_with("LOADING"); }));
    server.kill();
}

TEST(LinkFaults, RepeatedConnectingAndDestroyingLeaksNoDescriptor) {
    redis_server server;
    worker_thread thread;
    std::size_t before = 0;
    for (int i = 0; i < 200; ++i) {
        if (i == 10) before = open_descriptors();
        on_worker<link> link{thread, server.address(), calm};
        link.with([](auto& l) { l.start(); });
        if (i % 3 == 0) continue; // destroyed in the midst of connecting
        ASSERT_TRUE(eventually([&] { return link.with([](auto& l) { return l.up(); }); }));
    }
    EXPECT_TRUE(eventually([&] { return open_descriptors() <= before; }));
}

TEST(LinkFaults, FailsWhatIsInFlightBeforeItsDestructionReturns) {
    redis_server server;
    linked link{server};
    server.pause();
    int indeterminate = 0, unavailable = 0;
    link.with([&](auto& l) {
        for (int i = 0; i < 100; ++i)
            l.command({"INCR", "n"}, [&](result<reply> answer) {
                indeterminate += answer.error() == errc::indeterminate;
                // Handlers may well try again at once.
                l.command({"PING"}, [&](result<reply> again) {
                    unavailable += again.error() == errc::store_unavailable;
                });
            });
    });
    link.destroy();
    EXPECT_EQ(indeterminate, 100);
    EXPECT_TRUE(eventually([&] { return link.thread().call([&] { return unavailable == 100; }); }));
    server.resume();
}

TEST(LinkFaults, MayBeDestroyedByItsOwnHandler) {
    redis_server server;
    worker_thread thread;
    std::unique_ptr<link> doomed;
    std::vector<std::string> ends;
    std::promise<void> last;
    thread.call([&] {
        doomed = std::make_unique<link>(thread.get(), server.address(), calm);
        doomed->on_change([&](std::string_view) {
            for (int i = 0; i < 3; ++i)
                doomed->command({"ECHO", std::to_string(i)}, [&, i](result<reply> answer) {
                    ends.push_back(answer ? answer->text : "failed");
                    if (i == 0) doomed.reset();
                    if (i == 2) last.set_value();
                });
        });
        doomed->start();
    });
    last.get_future().wait();
    EXPECT_EQ(ends, (std::vector<std::string>{"0", "1", "2"})); // one read brought all three
}

TEST(LinkFaults, MayBeDestroyedWhenItsWorkerHasStopped) {
    redis_server server;
    worker_thread thread;
    auto doomed = std::make_unique<link>(thread.get(), server.address(), calm);
    doomed->start();
    ASSERT_TRUE(eventually([&] { return thread.call([&] { return doomed->up(); }); }));
    bool failed = false;
    server.pause();
    thread.call(
        [&] { doomed->command({"PING"}, [&](result<reply> answer) { failed = answer.has_error(); }); });
    thread.stop();
    doomed.reset();
    EXPECT_TRUE(failed);
    server.resume();
}

} // namespace
} // namespace studium::redis
