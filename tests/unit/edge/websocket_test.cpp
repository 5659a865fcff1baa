#include "tests/unit/edge/fixture.hpp"

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

TEST_F(WebSocket, AnswersAnOrdinaryRequest) {
    serve({get_route("/hello", [](const edge::http_request& r) {
        edge::http_response answer;
        answer.body = "hello " + std::string{r.query_value("who").value_or("you")};
        return answer;
    })});
    raw_client client{port()};
    EXPECT_EQ(client.get("/hello?who=a%20b").body, "hello a b");
    EXPECT_EQ(client.get("/hello").body, "hello you");
}

} // namespace
} // namespace studium::test
