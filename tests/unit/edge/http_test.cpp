// Requests as they come from the world, good and bad.
#include "tests/unit/edge/fixture.hpp"

#include <stdexcept>
#include <sys/resource.h>

namespace studium::test {
namespace {

class Http : public edge_test {
protected:
    void serve_usual() {
        auto add = get_route("/add", [](const edge::http_request& r) {
            edge::http_response answer;
            answer.status = 201;
            answer.body = r.body;
            return answer;
        });
        add.method = "POST";
        serve({get_route("/hello",
                         [](const edge::http_request& r) {
                             edge::http_response answer;
                             answer.content_type = "text/plain";
                             answer.body = "hello " + std::string{r.query_value("who").value_or("you")};
                             return answer;
                         }),
               get_route("/rooms/*",
                         [](const edge::http_request& r) {
                             edge::http_response answer;
                             answer.body = r.path;
                             return answer;
                         }),
               get_route(
                   "/broken",
                   [](const edge::http_request&) -> edge::http_response { throw std::logic_error{"a bug"}; }),
               add, echo_route()});
    }
    raw_response once(std::string_view text) {
        raw_client client{port()};
        return client.request(text);
    }
    int status_of_target(const std::string& target) {
        return once("GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n").status;
    }
    int status_of_upgrade(std::string_view fields, std::string_view line = "GET /echo HTTP/1.1") {
        return once(std::string{line} + "\r\nHost: t\r\n" + std::string{fields} + "\r\n").status;
    }
};

TEST_F(Http, AnswersAndKeepsTheConnection) {
    serve_usual();
    raw_client client{port()};
    const auto first = client.get("/hello?who=a%20b%2Bc+d");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, "hello a b+c d");
    EXPECT_EQ(first.field("Content-Type"), "text/plain");
    EXPECT_EQ(first.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(first.field("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(first.field("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(first.field("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_FALSE(first.field("Date").empty());
    EXPECT_EQ(client.get("/rooms/r1").body, "/rooms/r1");
    EXPECT_EQ(client.request("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbody").body, "body");
    EXPECT_EQ(server_->count().connections_total, 1U);
}

TEST_F(Http, AnswersPipelinedRequestsInOrder) {
    serve_usual();
    raw_client client{port()};
    client.send_raw("GET /hello?who=1 HTTP/1.1\r\nHost: t\r\n\r\n"
                    "POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\ntwo"
                    "GET /hello?who=3 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_response().body, "hello 1");
    EXPECT_EQ(client.read_response().body, "two");
    const auto last = client.read_response();
    EXPECT_EQ(last.body, "hello 3");
    EXPECT_EQ(last.field("Connection"), "close");
    EXPECT_TRUE(client.read_to_end());
}

TEST_F(Http, TakesARequestByteByByte) {
    serve_usual();
    raw_client client{port()};
    for (const char c : std::string{"POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nok"})
        client.send_raw({&c, 1});
    EXPECT_EQ(client.read_response().body, "ok");
}

TEST_F(Http, AnswersHeadWithoutABody) {
    serve_usual();
    raw_client client{port()};
    client.send_raw("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    const auto head = client.read_response(true);
    EXPECT_EQ(head.field("Content-Length"), "9");
    EXPECT_EQ(client.get("/hello").body, "hello you");
}

TEST_F(Http, ClosesAfterHttp10) {
    serve_usual();
    raw_client client{port()};
    EXPECT_EQ(client.request("GET /hello HTTP/1.0\r\n\r\n").body, "hello you");
    EXPECT_TRUE(client.read_to_end());
}

TEST_F(Http, SaysContinueToThoseWhoAsk) {
    serve_usual();
    raw_client client{port()};
    client.send_raw("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_response().status, 100);
    client.send_raw("ok");
    EXPECT_EQ(client.read_response().body, "ok");
}

TEST_F(Http, SaysWhatIsWrong) {
    serve_usual();
    const auto missing = once("GET /nothing HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.field("Content-Type"), "application/json");
    EXPECT_NE(missing.body.find(R"("kind":"not_found")"), std::string::npos);
    const auto method = once("PUT /hello HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.field("Allow"), "GET, HEAD");
    EXPECT_EQ(once("GET /add HTTP/1.1\r\nHost: t\r\n\r\n").field("Allow"), "POST");
    EXPECT_EQ(once("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n").field("Allow"), "GET");
    EXPECT_EQ(once("GET /broken HTTP/1.1\r\nHost: t\r\n\r\n").status, 500);
    EXPECT_EQ(server_->count().handler_failures, 1U);
    EXPECT_EQ(once("NONSENSE\r\n\r\n").status, 400);
    EXPECT_EQ(once("GET /hello HTTP/2.0\r\nHost: t\r\n\r\n").status, 505);
    EXPECT_EQ(once("GET /hello HTTP/1.1\r\n\r\n").status, 400);                       // no Host
    EXPECT_EQ(once("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").status, 400); // two
}

TEST_F(Http, LeavesSmugglersNoGround) {
    serve_usual();
    const std::string line = "POST /add HTTP/1.1\r\nHost: t\r\n";
    const std::string tail = "\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: t\r\n\r\n";
    const std::vector<std::pair<std::string, int>> attempts{
        {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", 400},
        {"Transfer-Encoding: chunked\r\n", 411},
        {"Transfer-Encoding: xchunked\r\n", 411},
        {"Transfer-Encoding: identity\r\n", 411},
        {"Transfer-Encoding : chunked\r\n", 400},
        {"Content-Length: 4\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 4\r\nContent-Length: 4\r\n", 400},
        {"Content-Length: 4, 4\r\n", 400},
        {"Content-Length: +4\r\n", 400},
        {"Content-Length: -1\r\n", 400},
        {"Content-Length: 0x4\r\n", 400},
        {"Content-Length: 4\nX: y\r\n", 400},
    };
    for (const auto& [fields, status] : attempts) {
        raw_client client{port()};
        client.send_raw(line + fields + tail);
        EXPECT_EQ(client.read_response().status, status) << fields;
        EXPECT_TRUE(client.read_to_end()) << fields;
        EXPECT_EQ(client.pending(), "") << fields; // no second answer
    }
}

TEST_F(Http, RefusesTargetsThatLeadAstray) {
    serve_usual();
    for (const auto* const target :
         {"/../etc/passwd", "/rooms/../hello", "/%2e%2e/etc/passwd", "/rooms/%2E%2E", "/rooms/.",
          "/rooms/a%2fb", "/rooms/%00", "/rooms/%0a", "/rooms/%", "/rooms/%4", "/rooms/%zz", "/rooms/a\\b",
          "/rooms/%ff", "/rooms/%c0%ae", "/hello?who=%", "/hello?%0d=1", "hello", "*", "/rooms/a#b"})
        EXPECT_EQ(status_of_target(target), 400) << target;
    EXPECT_EQ(status_of_target("/rooms/..."), 200);
    EXPECT_EQ(status_of_target("/rooms/%C3%A9"), 200);
    EXPECT_EQ(status_of_target("http://test/hello"), 200);
    EXPECT_EQ(status_of_target("http://test"), 400);
}

TEST_F(Http, BoundsHeaderAndBody) {
    options_.limits.max_header_bytes = 2'000;
    options_.limits.max_body_bytes = 1'000;
    serve_usual();
    EXPECT_EQ(once("GET /hello HTTP/1.1\r\nHost: t\r\nX: " + std::string(3'000, 'x') + "\r\n\r\n").status,
              431);
    EXPECT_EQ(once("GET /hello?" + std::string(10'000, 'x')).status, 431);
    EXPECT_EQ(once("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n").status, 413);
    const auto fits =
        once("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x'));
    EXPECT_EQ(fits.body.size(), 1'000U);

    raw_client client{port()}; // one that goes on sending reads why
    client.send_raw("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 100; ++i) client.send_some(std::string(64 * 1024, 'x'));
    EXPECT_EQ(client.read_response().status, 413);
    client.half_close();
    EXPECT_TRUE(client.read_to_end());
}

TEST_F(Http, DoesNotWaitForSlowRequests) {
    options_.limits.request_timeout = std::chrono::milliseconds{100};
    serve_usual();
    raw_client silent{port()};
    raw_client halfway{port()};
    halfway.send_raw("GET /hello HTTP/1.1\r\nHo");
    raw_client no_body{port()};
    no_body.send_raw("POST /add HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
    EXPECT_TRUE(silent.read_to_end());
    EXPECT_EQ(silent.pending(), "");
    EXPECT_EQ(halfway.read_response().status, 408);
    EXPECT_EQ(no_body.read_response().status, 408);
    raw_client dripping{port()}; // one deadline for all of it, however the bytes come
    const auto drip = [&] {
        if (dripping.readable_within(std::chrono::milliseconds{5})) return true;
        dripping.send_some("X");
        return false;
    };
    dripping.send_raw("GET /hello?");
    EXPECT_TRUE(eventually(drip));
    EXPECT_EQ(dripping.read_response().status, 408);
}

TEST_F(Http, DropsIdleConnections) {
    options_.limits.idle_timeout = std::chrono::milliseconds{100};
    serve_usual();
    raw_client client{port()};
    EXPECT_EQ(client.get("/hello").status, 200);
    EXPECT_TRUE(client.read_to_end());
    EXPECT_EQ(client.pending(), "");
}

TEST_F(Http, ChecksTheHandshake) {
    serve_usual();
    const std::string upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
    const std::string version = "Sec-WebSocket-Version: 13\r\n";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    EXPECT_EQ(status_of_upgrade(upgrade + version + key), 101);
    EXPECT_EQ(status_of_upgrade("Upgrade: WebSocket\r\nConnection: upgrade\r\n" + version + key), 101);
    EXPECT_EQ(status_of_upgrade(version + key), 426);
    EXPECT_EQ(status_of_upgrade("Upgrade: websocket\r\n" + version + key), 426);
    EXPECT_EQ(status_of_upgrade(upgrade + key), 426);
    EXPECT_EQ(status_of_upgrade(upgrade + version + version + key), 426);
    EXPECT_EQ(status_of_upgrade(upgrade + "Sec-WebSocket-Version: 8\r\n" + key), 426);
    EXPECT_EQ(status_of_upgrade(upgrade + version), 400);
    EXPECT_EQ(status_of_upgrade(upgrade + version + key + key), 400);
    for (const auto* const bad :
         {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZ!==",
          "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQAA"})
        EXPECT_EQ(status_of_upgrade(upgrade + version + "Sec-WebSocket-Key: " + bad + "\r\n"), 400) << bad;
    EXPECT_EQ(status_of_upgrade(upgrade + version + key, "GET /echo HTTP/1.0"), 400);
    EXPECT_EQ(status_of_upgrade(upgrade + version + key, "GET /hello HTTP/1.1"),
              200); // no socket lives there

    const auto old =
        once("GET /echo HTTP/1.1\r\nHost: t\r\n" + upgrade + "Sec-WebSocket-Version: 7\r\n" + key + "\r\n");
    EXPECT_EQ(old.field("Sec-WebSocket-Version"), "13");
    const auto good = once(raw_client::upgrade_request("/echo", "Sec-WebSocket-Protocol: one, two\r\n"));
    EXPECT_EQ(good.field("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455, section 1.3
    EXPECT_EQ(good.field("Sec-WebSocket-Protocol"), "one");
    EXPECT_EQ(once(raw_client::upgrade_request("/echo")).field("Sec-WebSocket-Protocol"), "");
}

TEST_F(Http, AGateMayRefuse) {
    const auto gate =
        [](const edge::http_request& r) -> task<std::variant<edge::admitted, edge::http_response>> {
        const auto token = r.token();
        if (!token) co_return edge::error_response(errc::not_signed_in, "bring a token");
        if (*token == "down") co_return edge::error_response(errc::store_unavailable, "try again");
        if (*token == "bug") throw std::logic_error{"a bug"};
        co_return edge::error_response(errc::not_found, "no such room");
    };
    serve({{.method = "", .path = "/collab/*", .handle = {}, .gate = gate}});
    EXPECT_EQ(once(raw_client::upgrade_request("/collab/x")).status, 401);
    EXPECT_EQ(once(raw_client::upgrade_request("/collab/x?token=any")).status, 404);
    const auto down = once(raw_client::upgrade_request("/collab/x", "Authorization: Bearer down\r\n"));
    EXPECT_EQ(down.status, 503);
    EXPECT_NE(down.field("Retry-After"), "");
    EXPECT_EQ(once(raw_client::upgrade_request("/collab/x?token=bug")).status, 500);
    raw_client again{port()}; // a refusal leaves the connection fit for another request
    EXPECT_EQ(again.request(raw_client::upgrade_request("/collab/x")).status, 401);
    EXPECT_EQ(again.get("/nothing").status, 404);
}

TEST_F(Http, HasAPlaceForSoManyAndNoMore) {
    options_.limits.max_connections = 3;
    serve_usual();
    {
        std::vector<raw_client> clients;
        for (int i = 0; i < 3; ++i) {
            clients.emplace_back(port());
            EXPECT_EQ(clients.back().get("/hello").status, 200);
        }
        raw_client fourth{port()};
        const auto told = fourth.read_response();
        EXPECT_EQ(told.status, 503);
        EXPECT_NE(told.field("Retry-After"), "");
        fourth.half_close();
        EXPECT_TRUE(fourth.read_to_end());
        EXPECT_EQ(server_->count().connections_refused, 1U);
        EXPECT_EQ(clients.front().get("/hello").status, 200);
    }
    EXPECT_TRUE(eventually([&] { return server_->count().connections_open == 0; }));
    EXPECT_EQ(status_of_target("/hello"), 200);
}

TEST_F(Http, HasAPlaceForSoManyOfOneAddress) {
    options_.limits.max_connections_per_address = 1;
    serve_usual();
    auto socket = websocket("/echo"); // the place moves with the socket
    raw_client second{port()};
    EXPECT_EQ(second.read_response().status, 503);
    socket.send_text("still here");
    EXPECT_EQ(socket.read_message().payload, "still here");
}

TEST_F(Http, OutOfDescriptorsItWaitsAndGoesOn) {
    options_.port = 0;
    serve_usual();
    raw_client before{port()};
    EXPECT_EQ(before.get("/hello").status, 200);
    std::vector<raw_client> waiting;
    rlimit usual{};
    getrlimit(RLIMIT_NOFILE, &usual);
    {
        raw_client probe{port()};
        EXPECT_EQ(probe.get("/hello").status, 200); // its two descriptors are the highest in use
        rlimit none = usual;
        none.rlim_cur = static_cast<rlim_t>(probe.descriptor()); // so not even they could be had again
        setrlimit(RLIMIT_NOFILE, &none);
        EXPECT_THROW(raw_client{port()}, std::system_error);
        setrlimit(RLIMIT_NOFILE, &usual);
        waiting.emplace_back(port());
        setrlimit(RLIMIT_NOFILE, &none);
    }
    EXPECT_EQ(before.get("/hello").status, 200); // those who are in are served
    setrlimit(RLIMIT_NOFILE, &usual);
    EXPECT_EQ(waiting.front().get("/hello").status, 200);
}

TEST(ErrorResponse, HasTheStatusThatFits) {
    using edge::error_response;
    EXPECT_EQ(error_response(errc::malformed, "").status, 400);
    EXPECT_EQ(error_response(errc::invalid, "").status, 400);
    EXPECT_EQ(error_response(errc::not_signed_in, "").status, 401);
    EXPECT_EQ(error_response(errc::forbidden, "").status, 403);
    EXPECT_EQ(error_response(errc::not_found, "").status, 404);
    EXPECT_EQ(error_response(errc::conflict, "").status, 409);
    EXPECT_EQ(error_response(errc::too_large, "").status, 413);
    EXPECT_EQ(error_response(errc::rate_limited, "").status, 429);
    EXPECT_EQ(error_response(errc::full, "").status, 503);
    EXPECT_EQ(error_response(errc::store_unavailable, "").status, 503);
    EXPECT_EQ(error_response(errc::timed_out, "").status, 504);
    EXPECT_EQ(error_response(errc::full, "say \"no\"\n").body,
              R"({"error":{"kind":"full","message":"say \"no\"\n"}})");
}

} // namespace
} // namespace studium::test
