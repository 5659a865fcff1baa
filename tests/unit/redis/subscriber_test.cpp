#include "server/redis/subscriber.hpp"
#include "tests/unit/redis/redis_test.hpp"

namespace studium::redis {
namespace {

class Subscriber : public testing::Test {
protected:
    explicit Subscriber(link_options options = calm) : subscriber_{thread_, server_.address(), options} {
        subscriber_.with([](auto& s) { s.start(); });
    }
    void follow(const std::string& channel) {
        subscriber_.with([&](auto& s) {
            s.subscribe(
                channel, [this, channel] { ++ready_[channel]; },
                [this, channel](std::string_view payload) { heard_[channel].emplace_back(payload); });
        });
    }
    bool ready(const std::string& channel, int times = 1) {
        return eventually([&] { return thread_.call([&] { return ready_[channel] >= times; }); });
    }
    bool heard(const std::string& channel, std::size_t count) {
        return eventually([&] { return thread_.call([&] { return heard_[channel].size() == count; }); });
    }
    std::vector<std::string> all(const std::string& channel) {
        return thread_.call([&] { return heard_[channel]; });
    }
    void publish(const std::string& channel, const std::string& payload) {
        publisher_.ask({"PUBLISH", channel, payload});
    }

    redis_server server_;
    linked publisher_{server_};
    worker_thread thread_;
    std::map<std::string, int> ready_; // these two on the worker
    std::map<std::string, std::vector<std::string>> heard_;
    on_worker<subscriber> subscriber_;
};

TEST_F(Subscriber, HearsWhatIsPublishedInOrderAndByteForByte) {
    follow("a");
    follow("b");
    ASSERT_TRUE(ready("a") && ready("b"));
    std::vector<std::string> sent;
    for (int i = 0; i < 1000; ++i) {
        sent.push_back(std::to_string(i) + std::string{"\0\r\n$1\r\n", 7});
        publish("a", sent.back());
    }
    publish("b", "");
    publish("unheard", "x");
    ASSERT_TRUE(heard("a", 1000) && heard("b", 1));
    EXPECT_EQ(all("a"), sent);
}

TEST_F(Subscriber, IsReadyAgainAfterEachReconnect) {
    follow("a");
    ASSERT_TRUE(ready("a"));
    for (int round = 2; round < 6; ++round) {
        server_.kill();
        server_.start();
        ASSERT_TRUE(ready("a", round));
        ASSERT_TRUE(eventually([&] { return publisher_.up(); }));
        publish("a", std::to_string(round));
        ASSERT_TRUE(heard("a", static_cast<std::size_t>(round) - 1));
    }
}

class ImpatientSubscriber : public Subscriber {
protected:
    ImpatientSubscriber()
        : Subscriber{{.command_timeout = 1500ms, .min_backoff = 5ms, .max_backoff = 50ms}} {}
};

TEST_F(ImpatientSubscriber, NoticesAConnectionThatDiedInSilence) {
    follow("a");
    ASSERT_TRUE(ready("a"));
    server_.pause();
    EXPECT_TRUE(eventually([&] { return subscriber_.with([](auto& s) { return !s.up(); }); }));
    server_.resume();
    EXPECT_TRUE(ready("a", 2));
}

TEST_F(ImpatientSubscriber, StaysConnectedWhileNothingIsPublished) {
    follow("a");
    ASSERT_TRUE(ready("a"));
    const auto pings = [&] {
        const auto text = publisher_.ask({"INFO", "commandstats"})->text;
        const std::string_view label = "cmdstat_ping:calls=";
        return std::stoi(text.substr(text.find(label) + label.size()));
    };
    const auto before = pings();
    ASSERT_TRUE(eventually([&] { return pings() >= before + 2; }));
    EXPECT_EQ(thread_.call([&] { return ready_["a"]; }), 1);
}

TEST_F(Subscriber, IsCutOffByRedisAndReturns) {
    follow("a");
    ASSERT_TRUE(ready("a"));
    publisher_.ask({"CLIENT", "KILL", "TYPE", "pubsub"});
    EXPECT_TRUE(ready("a", 2));
}

TEST_F(Subscriber, HearsNothingMoreOnceUnsubscribed) {
    follow("a");
    follow("b");
    ASSERT_TRUE(ready("a") && ready("b"));
    subscriber_.with([](auto& s) { s.unsubscribe("a"); });
    publish("a", "1");
    publish("b", "1");
    ASSERT_TRUE(heard("b", 1));
    EXPECT_TRUE(all("a").empty());
    EXPECT_TRUE(eventually([&] { return publisher_.ask({"PUBSUB", "NUMSUB", "a"})->items[1].number == 0; }));
}

TEST_F(Subscriber, MayUnsubscribeInsideItsHandlers) {
    int calls = 0, neighbour = 0;
    subscriber_.with([&](auto& s) {
        const std::string reason(100,
                                 'r'); // captured: gone with the handler if that were destroyed while it runs
        s.subscribe("b", {}, [&](std::string_view) { ++neighbour; });
        s.subscribe(
            "a", [] {},
            [&, reason](std::string_view payload) {
                s.unsubscribe("a");
                s.unsubscribe("b");
                calls += payload == "1" && reason.size() == 100;
            });
    });
    follow("c");
    ASSERT_TRUE(ready("c"));
    publisher_.with([](auto& l) { // one write, so very likely one read of ours
        for (const auto* channel : {"a", "a", "b", "c"})
            l.command({"PUBLISH", channel, "1"}, [](result<reply>) {});
    });
    ASSERT_TRUE(heard("c", 1));
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(neighbour, 0);
}

TEST_F(Subscriber, MayUnsubscribeAndSubscribeAgainAtOnce) {
    int first = 0;
    subscriber_.with([&](auto& s) {
        for (int i = 0; i < 5; ++i) {
            s.subscribe("a", [&] { ++first; }, [](std::string_view) {});
            s.unsubscribe("a");
        }
    });
    follow("a");
    ASSERT_TRUE(ready("a"));
    publish("a", "x");
    ASSERT_TRUE(heard("a", 1));
    EXPECT_EQ(thread_.call([&] { return first; }), 0);
    EXPECT_EQ(thread_.call([&] { return ready_["a"]; }), 1);
}

TEST_F(Subscriber, MayBeDestroyedByItsHandler) {
    std::promise<void> done;
    std::unique_ptr<subscriber> doomed;
    thread_.call([&] {
        doomed = std::make_unique<subscriber>(thread_.get(), server_.address(), calm);
        doomed->subscribe("a",
                          [&] {
                              doomed.reset();
                              done.set_value();
                          },
                          {});
        doomed->start();
    });
    EXPECT_EQ(done.get_future().wait_for(support::patience), std::future_status::ready);
}

} // namespace
} // namespace studium::redis
