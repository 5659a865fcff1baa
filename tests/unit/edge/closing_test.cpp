// How a WebSocket ends: whoever ends it, the peer sees why, and the handler hears it once.
#include "tests/unit/edge/fixture.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>

namespace studium::test {
namespace {

class Closing : public edge_test {};

struct misbehaviour {
    const char* name;
    std::string bytes;
    int code;
};

TEST_F(Closing, AnswersEveryFaultWithItsCode) {
    serve({echo_route()});
    const auto unmasked = raw_client::header(1, 2, true, false) + "hi";
    auto reserved = raw_client::frame(1, "hi");
    reserved[0] = static_cast<char>(reserved[0] | 0x40);
    const std::string huge = raw_client::header(2, std::uint64_t{1} << 62, true, true) + "mask";
    const std::string beyond = raw_client::header(2, std::uint64_t{1} << 63, true, true) + "mask";
    std::string overlong{"\x82\xfe\x00\x05mask", 8};
    const std::vector<misbehaviour> faults{
        {"unmasked", unmasked, 1002},
        {"reserved bit", reserved, 1002},
        {"reserved opcode", raw_client::frame(3, "hi"), 1002},
        {"reserved control opcode", raw_client::frame(11, "hi"), 1002},
        {"fragmented ping", raw_client::frame(9, "hi", false), 1002},
        {"long ping", raw_client::frame(9, std::string(126, 'x')), 1002},
        {"continuation of nothing", raw_client::frame(0, "hi"), 1002},
        {"message within a message", raw_client::frame(1, "a", false) + raw_client::frame(1, "b"), 1002},
        {"length not in its shortest form", overlong, 1002},
        {"bad UTF-8", raw_client::frame(1, "\xc3\x28"), 1007},
        {"surrogate", raw_client::frame(1, "\xed\xa0\x80"), 1007},
        {"UTF-8 cut at the end", raw_client::frame(1, "\xf0\x9f\x8e"), 1007},
        {"2^62 bytes", huge, 1009},
        {"2^63 bytes", beyond, 1009},
        {"close frame of one byte", raw_client::frame(8, "x"), 1002},
        {"close code 1005", raw_client::frame(8, std::string{"\x03\xed", 2}), 1002},
        {"close code 5000", raw_client::frame(8, std::string{"\x13\x88", 2}), 1002},
        {"close reason not UTF-8", raw_client::frame(8, std::string{"\x03\xe8\xff", 3}), 1002},
    };
    for (const auto& fault : faults) {
        auto client = websocket("/echo");
        client.send_raw(fault.bytes);
        EXPECT_EQ(client.read_close(), fault.code) << fault.name;
        EXPECT_TRUE(client.read_to_end()) << fault.name;
    }
    auto bystander = websocket("/echo");
    bystander.send_text("fine");
    EXPECT_EQ(bystander.read_message().payload, "fine");
}

TEST_F(Closing, APeerThatGoesOnSendingSeesWhyItWasTooBig) {
    serve({socket_route(
        "/small", workers_.second, [](studium::socket& s) { return std::make_unique<echo>(s); }, 1'000)});
    for (const bool fragmented : {false, true}) {
        auto client = websocket("/small");
        if (fragmented) {
            for (int i = 0; i < 20; ++i)
                client.send_raw(raw_client::frame(i == 0 ? 2 : 0, std::string(100, 'x'), false));
        } else {
            client.send_raw(raw_client::header(2, 8U << 20, true, true) + "mask");
        }
        const std::string more(64 * 1024, 'x');
        for (int i = 0; i < 100; ++i) client.send_some(more);
        EXPECT_EQ(client.read_close(), close_codes::too_big.code);
        client.send_some(more);
        client.half_close();
        EXPECT_TRUE(client.read_to_end());
    }
    auto client = websocket("/small");
    client.send_binary(std::string(1'000, 'x'));
    EXPECT_EQ(client.read_message().payload.size(), 1'000U);
}

TEST_F(Closing, AFloodOfPingsIsEnded) {
    serve({echo_route()});
    auto client = websocket("/echo");
    std::string flood;
    for (int i = 0; i < 200; ++i) flood += raw_client::frame(9, "x");
    client.send_raw(flood);
    EXPECT_EQ(client.read_close(), 1008);
    EXPECT_TRUE(client.read_to_end());
}

TEST_F(Closing, AFloodOfEmptyFragmentsIsEnded) {
    serve({echo_route()});
    auto client = websocket("/echo");
    client.send_raw(raw_client::frame(1, "", false));
    std::string flood;
    for (int i = 0; i < 10'000; ++i) flood += raw_client::frame(0, "", false);
    for (int i = 0; i < 100 && !client.readable_within(std::chrono::milliseconds{0}); ++i)
        client.send_raw(flood);
    EXPECT_EQ(client.read_close(), 1008);
    client.half_close();
    EXPECT_TRUE(client.read_to_end());
}

TEST_F(Closing, EchoesThePeersCode) {
    serve({echo_route()});
    for (const int code : {1000, 1001, 3000, 4400, 4999}) {
        auto client = websocket("/echo");
        client.send_close(code);
        EXPECT_EQ(client.read_close(), code);
        EXPECT_TRUE(client.read_to_end());
    }
}

/// What the handlers of a test were told.
struct story {
    std::atomic<int> opened{0}, closed{0}, destroyed{0}, after_close{0};
};

class told : public socket_handler {
public:
    told(studium::socket& s, story& t) : socket_{s}, story_{t} { ++story_.opened; }
    ~told() override { ++story_.destroyed; }
    void on_message(websocket::opcode, std::string_view payload) override {
        if (closed_) ++story_.after_close;
        if (payload == "throw") throw std::runtime_error{"a bug"};
        if (payload == "close") {
            socket_.send(websocket::make_frame(websocket::opcode::text, "last words"));
            socket_.close(close_codes::not_found);
            socket_.close(close_codes::normal); // once is enough
            socket_.send(websocket::make_frame(websocket::opcode::text, "too late"));
        } else {
            socket_.send(websocket::make_frame(websocket::opcode::text, payload));
        }
    }
    void on_close() noexcept override {
        closed_ = true;
        ++story_.closed;
    }

private:
    studium::socket& socket_;
    story& story_;
    bool closed_ = false;
};

TEST_F(Closing, SendsWhatIsQueuedThenTheReason) {
    story t;
    serve({socket_route("/told", workers_.second,
                        [&](studium::socket& s) { return std::make_unique<told>(s, t); })});
    auto client = websocket("/told");
    client.send_raw(raw_client::frame(1, "close") + raw_client::frame(1, "ignored"));
    EXPECT_EQ(client.read_message().payload, "last words");
    const auto last = client.read_frame();
    EXPECT_EQ(last.close_code(), 4404);
    EXPECT_EQ(last.payload.substr(2), close_codes::not_found.reason);
    client.send_close(4404);
    EXPECT_TRUE(client.read_to_end());
    EXPECT_TRUE(eventually([&] { return t.destroyed == 1; }));
    EXPECT_EQ(t.closed, 1);
    EXPECT_EQ(t.after_close, 0);
}

TEST_F(Closing, AnExceptionEndsOneSocketOnly) {
    story t;
    auto bad = socket_route("/bad", workers_.first, [](studium::socket&) -> std::unique_ptr<socket_handler> {
        throw std::runtime_error{"a bug"};
    });
    serve({socket_route("/told", workers_.second,
                        [&](studium::socket& s) { return std::make_unique<told>(s, t); }),
           bad});
    auto other = websocket("/told");
    auto client = websocket("/told");
    client.send_text("throw");
    EXPECT_EQ(client.read_close(), close_codes::internal_error.code);
    auto never_open = websocket("/bad");
    EXPECT_EQ(never_open.read_close(), close_codes::internal_error.code);
    other.send_text("fine");
    EXPECT_EQ(other.read_message().payload, "fine");
    EXPECT_EQ(server_->count().handler_failures, 2U);
    other.half_close();
    server_->stop(close_codes::restarting, std::chrono::seconds{20});
    EXPECT_EQ(t.closed, 2);
}

TEST_F(Closing, AHalfClosedPeerStillGetsItsAnswer) {
    story t;
    serve({socket_route("/told", workers_.second,
                        [&](studium::socket& s) { return std::make_unique<told>(s, t); })});
    auto client = websocket("/told");
    client.send_text("question");
    client.half_close();
    EXPECT_EQ(client.read_message().payload, "question");
    EXPECT_TRUE(client.read_to_end());
    EXPECT_TRUE(eventually([&] { return t.destroyed == 1; }));
}

TEST_F(Closing, TwoHundredVanishAtOnce) {
    story t;
    serve({socket_route("/told", workers_.second,
                        [&](studium::socket& s) { return std::make_unique<told>(s, t); })});
    {
        std::vector<raw_client> clients;
        for (int i = 0; i < 200; ++i) clients.push_back(websocket("/told"));
        for (auto& client : clients) client.send_text("hello");
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (i % 2 == 0) clients[i].reset(); // the rest just close
    }
    EXPECT_TRUE(eventually([&] { return server_->count().connections_open == 0; }));
    EXPECT_TRUE(eventually([&] { return t.destroyed == 200; }));
    EXPECT_EQ(t.opened, 200);
    EXPECT_EQ(t.closed, 200);
}

TEST_F(Closing, StopTellsEveryoneWhy) {
    story t;
    serve({echo_route(), socket_route("/told", workers_.first,
                                      [&](studium::socket& s) { return std::make_unique<told>(s, t); })});
    std::vector<raw_client> clients;
    for (int i = 0; i < 40; ++i) clients.push_back(websocket(i % 2 == 0 ? "/echo" : "/told"));
    raw_client idle{port()};
    EXPECT_EQ(idle.get("/nothing").status, 404);
    std::thread readers{[&] {
        for (auto& client : clients) {
            EXPECT_EQ(client.read_close(), close_codes::restarting.code);
            client.send_close(close_codes::restarting.code);
            EXPECT_TRUE(client.read_to_end());
            client.reset();
        }
        EXPECT_TRUE(idle.read_to_end());
    }};
    EXPECT_TRUE(server_->stop(close_codes::restarting, std::chrono::seconds{20}));
    readers.join();
    EXPECT_EQ(t.destroyed, 20);
    EXPECT_EQ(server_->count().connections_open, 0U);
    EXPECT_THROW(raw_client{port()}, std::system_error);
}

TEST_F(Closing, StopDoesNotWaitForPeersThatNeverAnswer) {
    options_.limits.close_timeout = std::chrono::milliseconds{50};
    serve({echo_route()});
    auto silent = websocket("/echo");
    EXPECT_TRUE(server_->stop(close_codes::restarting, std::chrono::seconds{20}));
    EXPECT_EQ(silent.read_close(), close_codes::restarting.code);
}

TEST_F(Closing, StopCutsAHandlerThatNeverAnswers) {
    edge::route stuck = get_route("/stuck", {});
    std::atomic<bool> reached{false};
    stuck.handle = [&](const edge::http_request&) -> task<edge::http_response> {
        asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
        reached = true;
        co_await never.async_wait(asio::use_awaitable);
        co_return edge::http_response{};
    };
    serve({stuck});
    raw_client client{port()};
    client.send_raw("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return reached.load(); }));
    EXPECT_FALSE(server_->stop(close_codes::restarting, std::chrono::milliseconds{50}));
    EXPECT_EQ(server_->count().connections_open, 0U);
}

} // namespace
} // namespace studium::test
