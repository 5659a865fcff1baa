// A link and answers that no sound Redis gives: cut, delayed, malformed, too many.
#include "tests/unit/redis/redis_test.hpp"
#include "tests/unit/redis/scripted_server.hpp"

#include <atomic>

namespace studium::redis {
namespace {

TEST(LinkProtocol, ReadsAnswersThatComeByteByByte) {
    const scripted_server server{[](auto& c, int) {
        if (!c.read_until("PING\r\n")) return;
        for (const char byte : std::string_view{"$10\r\nrun_id:abc\r\n+PONG\r\n"}) c.write({&byte, 1});
        if (!c.read_until("GET\r\n")) return;
        for (const char byte : std::string_view{"$5\r\nvalue\r\n"}) c.write({&byte, 1});
        c.wait_for_end();
    }};
    linked link{server.address()};
    EXPECT_EQ(link.ask({"GET"})->text, "value");
}

TEST(LinkProtocol, TakesHalfAnAnswerForNone) {
    const scripted_server server{[](auto& c, int index) {
        if (!c.greet() || !c.read_until("GET\r\n")) return;
        c.write(index == 0 ? "+whole\r\n$5\r\nval" : "+whole\r\n$5\r\nvalue\r\n");
        if (index > 0) c.wait_for_end();
    }};
    linked link{server.address()};
    std::promise<std::pair<result<reply>, result<reply>>> both;
    link.with([&](auto& l) {
        auto first = std::make_shared<result<reply>>(errc::closed);
        l.command({"GET"}, [first](result<reply> answer) { *first = std::move(answer); });
        l.command({"GET"},
                  [&both, first](result<reply> answer) { both.set_value({*first, std::move(answer)}); });
    });
    const auto [first, second] = both.get_future().get();
    EXPECT_EQ(first->text, "whole");
    EXPECT_EQ(second.error(), errc::indeterminate);
    EXPECT_TRUE(eventually([&] { return link.up(); }));
}

TEST(LinkProtocol, HandsOverWhatCameBeforeMalformedBytesAndReconnects) {
    const scripted_server server{[](auto& c, int) {
        if (!c.greet() || !c.read_until("GET\r\n")) return;
        c.write("+sound\r\nnonsense\r\n");
        c.wait_for_end();
    }};
    linked link{server.address()};
    EXPECT_EQ(link.ask({"GET"})->text, "sound");
    ASSERT_TRUE(eventually([&] { return link.up(); }));
    EXPECT_EQ(link.ask({"GET"})->text, "sound");
}

TEST(LinkProtocol, CutsAServerThatAnswersWhatWasNotAsked) {
    std::atomic<int> connections = 0;
    const scripted_server server{[&](auto& c, int index) {
        connections = index + 1;
        if (!c.greet()) return;
        if (index == 0) c.write("+surprise\r\n");
        c.wait_for_end();
    }};
    linked link{server.address()};
    EXPECT_TRUE(eventually([&] { return connections == 2 && link.up(); }));
}

TEST(LinkProtocol, IsNotUpWithAServerThatIsNoRedisOrIsSilent) {
    for (const std::string_view greeting :
         {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "$2\r\nhi\r\n+PONG\r\n"}) {
        std::atomic<int> connections = 0;
        const scripted_server server{[&](auto& c, int index) {
            connections = index + 1;
            c.write(greeting);
            c.wait_for_end();
        }};
        worker_thread thread;
        auto options = hasty;
        options.connect_timeout = 20ms;
        on_worker<link> link{thread, server.address(), options};
        link.with([](auto& l) {
            l.on_change([](std::string_view) { ADD_FAILURE() << "told of a change"; });
            l.start();
        });
        EXPECT_TRUE(eventually([&] { return connections >= 3; })); // it goes on trying
        EXPECT_FALSE(link.with([](auto& l) { return l.up(); }));
    }
}

} // namespace
} // namespace studium::redis
