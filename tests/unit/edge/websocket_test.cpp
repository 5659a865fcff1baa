// Messages, pings, pauses and slow readers: what an open socket must do.
#include "tests/unit/edge/fixture.hpp"

#include <boost/asio/post.hpp>

namespace studium::test {
namespace {

class WebSocket : public edge_test {};

std::string pattern(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return out;
}

TEST_F(WebSocket, EchoesMessagesOfEverySize) {
    serve({echo_route()});
    auto client = websocket("/echo");
    for (const std::size_t size :
         {0U, 1U, 125U, 126U, 511U, 512U, 513U, 1535U, 1536U, 65'535U, 65'536U, 1'048'576U}) {
        for (const int opcode : {1, 2}) {
            client.send_raw(raw_client::frame(opcode, pattern(size)));
            const auto back = client.read_message();
            EXPECT_EQ(back.opcode, opcode);
            EXPECT_EQ(back.payload, pattern(size)) << size;
        }
    }
}

TEST_F(WebSocket, JoinsFragmentsWithPingsBetweenThem) {
    serve({echo_route()});
    auto client = websocket("/echo");
    const std::string text = "gr\xc3\xbc\xc3\x9f"
                             "e \xf0\x9f\x8e\x93"; // fragments end within characters
    for (std::size_t i = 0; i < text.size(); ++i) {
        client.send_raw(raw_client::frame(i == 0 ? 1 : 0, text.substr(i, 1), false));
        if (i % 4 == 0) client.send_raw(raw_client::frame(9, "p"));
    }
    client.send_raw(raw_client::frame(0, "", true));
    EXPECT_EQ(client.read_message().payload, text);
}

TEST_F(WebSocket, JoinsLargeFragments) {
    serve({echo_route()});
    auto client = websocket("/echo");
    const auto whole = pattern(300'000);
    client.send_raw(raw_client::frame(2, whole.substr(0, 100'000), false));
    client.send_raw(raw_client::frame(0, whole.substr(100'000, 100'000), false));
    client.send_raw(raw_client::frame(0, whole.substr(200'000)));
    EXPECT_EQ(client.read_message().payload, whole);
}

TEST_F(WebSocket, TakesFramesThatComeByteByByte) {
    serve({echo_route()});
    auto client = websocket("/echo");
    for (const char c : raw_client::frame(1, "slowly") + raw_client::frame(1, "but whole"))
        client.send_raw(std::string_view{&c, 1});
    EXPECT_EQ(client.read_message().payload, "slowly");
    EXPECT_EQ(client.read_message().payload, "but whole");
}

TEST_F(WebSocket, TakesFramesThatComeWithTheHandshake) {
    serve({echo_route()});
    raw_client client{port()};
    client.send_raw(raw_client::upgrade_request("/echo") + raw_client::frame(1, "eager") +
                    raw_client::frame(2, pattern(3'000)));
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(client.read_message().payload, "eager");
    EXPECT_EQ(client.read_message().payload, pattern(3'000));
}

/// Answers a number with that many numbered frames of 1000 bytes, all in one turn.
class burst : public socket_handler {
public:
    explicit burst(studium::socket& s) : socket_{s} {}
    void on_message(websocket::opcode, std::string_view payload) override {
        const auto count = std::stoi(std::string{payload});
        for (int i = 0; i < count; ++i) {
            auto text = std::to_string(i);
            text.resize(1'000, ' ');
            socket_.send(websocket::make_frame(websocket::opcode::text, text));
        }
    }
    void on_drained() override { socket_.send(websocket::make_frame(websocket::opcode::text, "drained")); }
    void on_close() noexcept override {}

private:
    studium::socket& socket_;
};

TEST_F(WebSocket, PutsPongsBetweenQueuedFrames) {
    options_.limits.max_outbox_bytes = 64U << 20;
    serve({socket_route("/burst", workers_.first,
                        [](studium::socket& s) { return std::make_unique<burst>(s); })});
    auto client = websocket("/burst", {}, {.receive_buffer = 4096});
    constexpr int frames = 20'000; // 20 MB: more than the kernel takes at once
    client.send_text(std::to_string(frames));
    client.send_raw(raw_client::frame(9, "are you there?"));
    int next = 0, pongs = 0;
    bool drained = false;
    while (next < frames || pongs == 0 || !drained) {
        const auto got = client.read_frame();
        if (got.opcode == 10) {
            EXPECT_EQ(got.payload, "are you there?");
            ++pongs;
        } else if (got.payload == "drained") {
            drained = true;
        } else {
            ASSERT_EQ(got.payload.size(), 1'000U);
            ASSERT_EQ(std::stoi(got.payload), next);
            ++next;
        }
    }
    EXPECT_EQ(pongs, 1);
}

TEST_F(WebSocket, WritesATurnsFramesTogether) {
    serve({socket_route("/burst", workers_.first,
                        [](studium::socket& s) { return std::make_unique<burst>(s); })});
    auto client = websocket("/burst");
    client.send_text("100");
    for (int i = 0; i < 100; ++i) client.read_message();
    const auto counted = server_->count();
    EXPECT_EQ(counted.frames_out, 100U);
    EXPECT_EQ(counted.frames_in, 1U);
    EXPECT_LE(counted.writes, 4U); // the handshake's answer, and 100 frames of at most 64 a call
}

/// Everything that any member says goes to all of them. One worker, so no lock.
struct hub {
    std::vector<studium::socket*> members;
    std::atomic<int> closed{0};
};

class hub_member : public socket_handler {
public:
    hub_member(studium::socket& s, hub& h) : socket_{s}, hub_{h} { hub_.members.push_back(&s); }
    void on_message(websocket::opcode kind, std::string_view payload) override {
        const auto frame = websocket::make_frame(kind, payload);
        for (auto* const member : hub_.members) member->send(frame);
    }
    void on_close() noexcept override {
        std::erase(hub_.members, &socket_);
        ++hub_.closed;
    }

private:
    studium::socket& socket_;
    hub& hub_;
};

TEST_F(WebSocket, ClosesASlowReaderAndServesTheOthers) {
    options_.limits.max_outbox_bytes = 64 * 1024;
    options_.limits.close_timeout = std::chrono::seconds{20};
    hub room;
    serve({socket_route("/hub", workers_.second,
                        [&](studium::socket& s) { return std::make_unique<hub_member>(s, room); })});
    auto slow = websocket("/hub", {}, {.receive_buffer = 4096});
    auto fast = websocket("/hub");
    for (int i = 0; i < 4'000; ++i) { // 16 MB; in lock step, so that the fast one is never behind
        auto text = std::to_string(i);
        text.resize(4'000, '.');
        fast.send_text(text);
        ASSERT_EQ(fast.read_message().payload, text);
    }
    EXPECT_EQ(server_->count().closed_too_slow, 1U);
    int next = 0; // what it got is what came first, whole and in order; then the reason
    for (;;) {
        const auto got = slow.read_frame();
        if (got.opcode == 8) {
            EXPECT_EQ(got.close_code(), close_codes::too_slow.code);
            break;
        }
        ASSERT_EQ(std::stoi(got.payload), next++);
    }
    EXPECT_TRUE(slow.read_to_end());
    EXPECT_TRUE(eventually([&] { return room.closed == 1; }));
    fast.send_text("still here");
    EXPECT_EQ(fast.read_message().payload, "still here");
    fast.half_close();
    slow.half_close();
    server_->stop(close_codes::restarting, std::chrono::seconds{20});
}

TEST_F(WebSocket, TakesOneFrameLargerThanTheOutbox) {
    options_.limits.max_outbox_bytes = 1'000;
    serve({echo_route()});
    auto client = websocket("/echo");
    client.send_binary(pattern(500'000));
    EXPECT_EQ(client.read_message().payload.size(), 500'000U);
}

/// Answers anything with a document and some crumbs, in one turn.
class generous final : public socket_handler {
public:
    explicit generous(studium::socket& s) : socket_{s} {}
    void on_message(websocket::opcode, std::string_view) override {
        socket_.send(websocket::make_frame(websocket::opcode::binary, pattern(5'000'000)));
        for (int i = 0; i < 10; ++i) socket_.send(websocket::make_frame(websocket::opcode::binary, "crumb"));
    }
    void on_close() noexcept override {}

private:
    studium::socket& socket_;
};

TEST_F(WebSocket, TheFrameOnItsWayDoesNotCountAgainstASlowLine) {
    options_.limits.max_outbox_bytes = 1'000;
    serve({socket_route("/generous", workers_.second,
                        [](studium::socket& s) { return std::make_unique<generous>(s); })});
    auto client = websocket("/generous", {}, {.receive_buffer = 4096});
    client.send_binary("please");
    EXPECT_EQ(client.read_message().payload, pattern(5'000'000));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.read_message().payload, "crumb");
    EXPECT_EQ(server_->count().closed_too_slow, 0U);
}

/// Stops reading at "pause"; counts what it is given meanwhile, which must be nothing.
struct pausing_state {
    std::atomic<studium::socket*> socket{nullptr};
    std::atomic<bool> paused{false};
    std::atomic<int> while_paused{0};
};

class pausing : public socket_handler {
public:
    pausing(studium::socket& s, pausing_state& state) : socket_{s}, state_{state} { state.socket = &s; }
    void on_message(websocket::opcode kind, std::string_view payload) override {
        if (state_.paused) ++state_.while_paused;
        if (payload == "pause") {
            state_.paused = true;
            socket_.pause_reading();
        } else if (payload.size() < 100) {
            socket_.send(websocket::make_frame(kind, payload));
        }
    }
    void on_close() noexcept override {}

private:
    studium::socket& socket_;
    pausing_state& state_;
};

TEST_F(WebSocket, ReadsNothingWhilePaused) {
    pausing_state state;
    serve({socket_route("/pause", workers_.first,
                        [&](studium::socket& s) { return std::make_unique<pausing>(s, state); })});
    auto client = websocket("/pause");
    client.send_raw(raw_client::frame(1, "pause") + raw_client::frame(1, "one"));
    ASSERT_TRUE(eventually([&] { return state.paused.load(); }));

    // The kernel's buffers fill and TCP stops us, whole frames or not.
    const auto filler = raw_client::frame(2, pattern(60'000));
    std::size_t sent = 0;
    for (int refused = 0; refused < 3 && sent < (256U << 20);) {
        const auto n = ::send(client.descriptor(), filler.data() + sent % filler.size(),
                              filler.size() - sent % filler.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            sent += static_cast<std::size_t>(n);
        else
            ++refused;
    }
    EXPECT_LT(sent, 256U << 20);
    EXPECT_EQ(state.while_paused, 0);

    state.paused = false;
    asio::post(workers_.first.executor(), [&] { state.socket.load()->resume_reading(); });
    EXPECT_EQ(client.read_message().payload, "one");
    if (const auto rest = sent % filler.size(); rest != 0)
        client.send_raw(std::string_view{filler}.substr(rest));
    client.send_text("two");
    EXPECT_EQ(client.read_message().payload, "two");
}

TEST_F(WebSocket, PausedWhileAReadIsPendingItHoldsTheMessageBack) {
    pausing_state state;
    serve({socket_route("/pause", workers_.first,
                        [&](studium::socket& s) { return std::make_unique<pausing>(s, state); })});
    auto client = websocket("/pause");
    client.send_text("ready");
    client.read_message();
    std::atomic<bool> done{false};
    asio::post(workers_.first.executor(), [&] {
        state.socket.load()->pause_reading();
        state.paused = true;
        done = true;
    });
    ASSERT_TRUE(eventually([&] { return done.load(); }));
    client.send_text("held");
    client.send_text("later");
    asio::post(workers_.first.executor(), [&] {
        state.paused = false;
        state.socket.load()->resume_reading();
    });
    EXPECT_EQ(client.read_message().payload, "held");
    EXPECT_EQ(client.read_message().payload, "later");
    EXPECT_EQ(state.while_paused, 0);
}

/// Says on which worker it lives.
class where : public socket_handler {
public:
    explicit where(studium::socket& s) : socket_{s}, thread_{std::this_thread::get_id()} {}
    void on_message(websocket::opcode kind, std::string_view) override {
        const bool same = thread_ == std::this_thread::get_id();
        socket_.send(
            websocket::make_frame(kind, same ? std::to_string(socket_.home().index()) : "another thread"));
    }
    void on_close() noexcept override {}

private:
    studium::socket& socket_;
    std::thread::id thread_;
};

TEST_F(WebSocket, LivesOnTheWorkerItsGateChose) {
    const auto open = [](studium::socket& s) { return std::make_unique<where>(s); };
    serve(
        {socket_route("/at/first", workers_.first, open), socket_route("/at/second", workers_.second, open)});
    for (int i = 0; i < 4; ++i) { // accepted by both in turn
        for (const auto& [path, index] : {std::pair{"/at/first", "0"}, {"/at/second", "1"}}) {
            auto client = websocket(path);
            client.send_text("where are you?");
            EXPECT_EQ(client.read_message().payload, index);
        }
    }
}

TEST_F(WebSocket, PingsASilentPeerAndDropsOneThatNeverAnswers) {
    options_.limits.ping_interval = std::chrono::milliseconds{30};
    options_.limits.idle_timeout = std::chrono::milliseconds{200};
    hub room;
    serve({socket_route("/hub", workers_.first,
                        [&](studium::socket& s) { return std::make_unique<hub_member>(s, room); })});
    auto client = websocket("/hub");
    EXPECT_EQ(client.read_frame().opcode, 9);
    client.read_to_end();
    EXPECT_TRUE(eventually([&] { return room.closed == 1; }));
}

TEST_F(WebSocket, KeepsASilentPeerThatAnswersPings) {
    options_.limits.ping_interval = std::chrono::milliseconds{100};
    options_.limits.max_control_frames_per_second = 1'000;
    options_.limits.idle_timeout = std::chrono::milliseconds{2'000};
    serve({echo_route()});
    auto client = websocket("/echo");
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < options_.limits.idle_timeout * 3 / 2) {
        const auto ping = client.read_frame();
        ASSERT_EQ(ping.opcode, 9);
        client.send_raw(raw_client::frame(10, ping.payload));
    }
    client.send_text("alive");
    EXPECT_EQ(client.read_message().payload, "alive");
}

} // namespace
} // namespace studium::test
