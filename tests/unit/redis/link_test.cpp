#include "server/core/deadline.hpp"
#include "tests/unit/redis/redis_test.hpp"

namespace studium::redis {
namespace {

std::string info_number(linked& link, const std::string& section, std::string_view name) {
    const auto info = link.ask({"INFO", section});
    const auto at = info->text.find(std::string{name} + ":") + name.size() + 1;
    return info->text.substr(at, info->text.find("\r\n", at) - at);
}

TEST(Link, AnswersTenThousandPipelinedCommandsInOrder) {
    redis_server server;
    linked link{server};
    constexpr int count = 10'000;
    std::promise<void> all;
    std::vector<std::int64_t> answers;
    link.with([&](auto& l) {
        for (int i = 0; i < count; ++i)
            l.command({"INCR", "counter"}, [&](result<reply> answer) {
                answers.push_back(answer->number);
                if (answers.size() == count) all.set_value();
            });
        EXPECT_EQ(l.in_flight(), 10'000u);
    });
    ASSERT_EQ(all.get_future().wait_for(support::patience), std::future_status::ready);
    for (int i = 0; i < count; ++i) ASSERT_EQ(answers[static_cast<std::size_t>(i)], i + 1);
    EXPECT_EQ(link.with([](auto& l) { return l.in_flight(); }), 0u);
}

TEST(Link, SendsTheCommandsOfATurnInOneWrite) {
    redis_server server;
    linked link{server};
    const auto before = std::stol(info_number(link, "stats", "total_reads_processed"));
    std::promise<void> answered;
    link.with([&](auto& l) {
        for (int i = 0; i < 99; ++i) l.command({"PING"}, [](result<reply>) {});
        l.command({"PING"}, [&](result<reply>) { answered.set_value(); });
    });
    answered.get_future().wait();
    const auto after = std::stol(info_number(link, "stats", "total_reads_processed"));
    EXPECT_EQ(after - before, 2); // the hundred, and the INFO that tells
}

TEST(Link, CarriesEveryByteBothWays) {
    redis_server server;
    linked link{server};
    std::string every_byte;
    for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
    EXPECT_EQ(link.ask({"SET", every_byte, every_byte + "\r\n$5\r\n"})->text, "OK");
    EXPECT_EQ(link.ask({"GET", every_byte})->text, every_byte + "\r\n$5\r\n");
    EXPECT_EQ(link.ask({"SET", "", ""})->text, "OK");
    EXPECT_EQ(link.ask({"GET", ""})->type, reply::kind::text);
}

TEST(Link, CarriesMegabytesWhichNoSocketTakesAtOnce) {
    redis_server server;
    linked link{server};
    std::string large;
    large.resize(20'000'000, 'x');
    large[12'345'678] = 'y';
    std::promise<void> done;
    std::vector<std::string> answers;
    link.with([&](auto& l) {
        l.command({"SET", "large", large}, [&](result<reply> answer) { answers.push_back(answer->text); });
        l.command({"GET", "large"}, [&](result<reply> answer) { answers.push_back(answer->text); });
    });
    link.with([&](auto& l) { // while the first are still leaving
        l.command({"ECHO", "after"}, [&](result<reply> answer) {
            answers.push_back(answer->text);
            done.set_value();
        });
    });
    ASSERT_EQ(done.get_future().wait_for(support::patience), std::future_status::ready);
    EXPECT_EQ(answers, (std::vector<std::string>{"OK", large, "after"}));
}

TEST(Link, HandsOverRedisErrorsAsReplies) {
    redis_server server;
    linked link{server};
    link.ask({"SET", "text", "x"});
    EXPECT_EQ(link.ask({"XADD", "text", "*", "f", "v"})->error_code(), "WRONGTYPE");
    EXPECT_EQ(link.ask({"NO-SUCH-COMMAND"})->error_code(), "ERR");
    EXPECT_EQ(link.ask({"GET", "text"})->text, "x");
}

TEST(Link, RunsHandlersOutsideTheCallThatRegisteredThem) {
    redis_server server;
    worker_thread thread;
    on_worker<link> link{thread, server.address(), calm};
    std::promise<errc> failed;
    bool registering = true;
    link.with([&](auto& l) { // not started: down
        l.command({"PING"}, [&](result<reply> answer) {
            EXPECT_FALSE(registering);
            failed.set_value(static_cast<errc>(answer.error().value()));
        });
        l.on_change([&](std::string_view) { EXPECT_FALSE(registering); });
        registering = false;
    });
    EXPECT_EQ(failed.get_future().get(), errc::store_unavailable);
}

TEST(Link, TellsEachListenerThePresentStateAndEveryChange) {
    redis_server server;
    linked link{server};
    std::vector<std::string> early, late; // used on the worker only
    link.with([&](auto& l) { l.on_change([&](std::string_view id) { early.emplace_back(id); }); });
    ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return early.size() == 1; }); }));
    server.restart();
    ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return early.size() == 3; }); }));
    link.with([&](auto& l) { l.on_change([&](std::string_view id) { late.emplace_back(id); }); });
    ASSERT_TRUE(eventually([&] { return link.with([&](auto&) { return late.size() == 1; }); }));
    EXPECT_EQ(early[0].size(), 40u);
    EXPECT_EQ(early[1], "");
    EXPECT_EQ(early[2].size(), 40u);
    EXPECT_NE(early[0], early[2]); // another run of Redis
    EXPECT_EQ(late[0], early[2]);
    link.destroy();
}

TEST(Link, GivesUpTheWaitButNotTheCommandWhenItsWaiterIsCancelled) {
    redis_server server;
    linked link{server};
    const auto answer = link.with([](auto& l) { return &l; });
    const auto waited = link.thread().await([&]() -> task<result<reply>> {
        std::vector<std::string> command{"BLPOP", "empty", "0.3"};
        auto limited = co_await with_deadline(answer->run(std::move(command)), 1ms);
        co_return limited;
    });
    EXPECT_EQ(waited.error(), errc::timed_out);
    EXPECT_EQ(link.ask({"ECHO", "in order"})->text, "in order");
}

TEST(Link, SpeaksTcpAndLooksNamesUp) {
    endpoint where;
    where.host = "localhost";
    where.port = support::free_port();
    redis_server server{{"bind 127.0.0.1", "port " + std::to_string(where.port)}};
    linked link{where};
    EXPECT_EQ(link.ask({"PING"})->text, "PONG");
}

TEST(Link, SignsInWithPasswordAndUser) {
    redis_server server{{"requirepass first", "user app on >second ~* &* +@all"}};
    auto where = server.address();
    where.password = "first";
    linked by_password{where};
    EXPECT_EQ(by_password.ask({"ACL", "WHOAMI"})->text, "default");
    where.user = "app";
    where.password = "second";
    linked by_user{where};
    EXPECT_EQ(by_user.ask({"ACL", "WHOAMI"})->text, "app");
}

} // namespace
} // namespace studium::redis
