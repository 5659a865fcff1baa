#include "server/redis/scripts.hpp"
#include "tests/unit/redis/redis_test.hpp"

namespace studium::redis {
namespace {

class CompareAndAppend : public testing::Test {
protected:
    reply run(const script& what, std::vector<std::string> arguments) {
        std::promise<result<reply>> answer;
        link_.with([&](auto& l) {
            const std::array<std::string_view, 1> keys{"{room}log"};
            const std::vector<std::string_view> views{arguments.begin(), arguments.end()};
            l.run_script(what, keys, views, [&](result<reply> r) { answer.set_value(std::move(r)); });
        });
        return answer.get_future().get().value();
    }
    reply append(std::vector<std::string> arguments) { return run(compare_and_append, std::move(arguments)); }
    std::string length() { return std::to_string(link_.ask({"XLEN", "{room}log"})->number); }
    void create() { link_.ask({"XADD", "{room}log", "7-*", "f", "v"}); } // 7-0

    redis_server server_;
    linked link_{server_};
};

std::vector<std::string> texts(const reply& answer) {
    std::vector<std::string> out;
    out.reserve(answer.items.size());
    for (const auto& item : answer.items)
        out.push_back(item.type == reply::kind::integer ? std::to_string(item.number) : item.text);
    return out;
}
using list = std::vector<std::string>;

TEST_F(CompareAndAppend, IsEmbeddedWithTheHashThatRedisGivesIt) {
    EXPECT_EQ(link_.ask({"SCRIPT", "LOAD", std::string{compare_and_append.source}})->text,
              compare_and_append.sha1);
}

TEST_F(CompareAndAppend, AppendsWhereTheTopIsAsExpected) {
    create();
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"1", "7-1"}));
    EXPECT_EQ(texts(append({"7-1", "7", "2", "f", "b", "g", std::string{"\0\r\n", 3}, "1", "f", "c"})),
              (list{"1", "7-2", "7-3"}));
    const auto entries = link_.ask({"XRANGE", "{room}log", "7-2", "+"});
    EXPECT_EQ(texts(entries->items[0].items[1]), (list{"f", "b", "g", std::string{"\0\r\n", 3}}));
    EXPECT_EQ(texts(entries->items[1].items[1]), (list{"f", "c"}));
}

TEST_F(CompareAndAppend, RefusesWithTheActualTopWhereItIsAnother) {
    create();
    EXPECT_EQ(texts(append({"7-1", "7", "1", "f", "a"})),
              (list{"0", "7-0"})); // the caller knows more: a lost tail
    link_.ask({"XADD", "{room}log", "7-*", "f", "v"});
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"0", "7-1"}));
    EXPECT_EQ(length(), "2");
}

TEST_F(CompareAndAppend, NeverCreatesTheStream) {
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"0", ""}));
    EXPECT_EQ(texts(append({"", "7", "1", "f", "a"})), (list{"0", ""}));
    EXPECT_EQ(link_.ask({"EXISTS", "{room}log"})->number, 0);
}

TEST_F(CompareAndAppend, KnowsTheTopOfAStreamThatWasTrimmedEmpty) {
    create();
    link_.ask({"XADD", "{room}log", "7-*", "f", "v"});
    link_.ask({"XTRIM", "{room}log", "MAXLEN", "0"});
    EXPECT_EQ(length(), "0");
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"0", "7-1"}));
    EXPECT_EQ(texts(append({"7-1", "7", "1", "f", "a"})), (list{"1", "7-2"}));
    link_.ask({"XDEL", "{room}log", "7-2"});
    EXPECT_EQ(texts(append({"7-2", "7", "1", "f", "a"})), (list{"1", "7-3"}));
}

TEST_F(CompareAndAppend, StartsAgainAtZeroUnderANewEpochAndRefusesAnOlderOne) {
    create();
    EXPECT_EQ(texts(append({"7-0", "8", "1", "f", "a"})), (list{"1", "8-0"}));
    EXPECT_TRUE(append({"8-0", "7", "1", "f", "a"}).is_error());
    EXPECT_EQ(length(), "2");
}

TEST_F(CompareAndAppend, AppendsAllOrNothingWhereArgumentsAreMalformed) {
    create();
    for (const auto& bad : std::vector<list>{{"7-0"},
                                             {"7-0", "7", "1", "f"},
                                             {"7-0", "7", "0"},
                                             {"7-0", "7", "x", "f", "a"},
                                             {"7-0", "7", "1", "f", "a", "2", "f", "a"},
                                             {"7-0", "7", "1.5", "f", "a", "b"},
                                             {"7-0", "nonsense", "1", "f", "a"}})
        EXPECT_TRUE(append(bad).is_error());
    EXPECT_EQ(length(), "1");
}

TEST_F(CompareAndAppend, IsRefusedWholeWhenOutOfMemory) {
    create();
    link_.ask({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(append({"7-0", "7", "1", "f", "a"}).error_code(), "OOM");
    link_.ask({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"1", "7-1"}));
}

TEST_F(CompareAndAppend, AnswersAKeyOfAnotherTypeWithRedisError) {
    link_.ask({"SET", "{room}log", "text"});
    EXPECT_EQ(append({"7-0", "7", "1", "f", "a"}).error_code(), "WRONGTYPE");
}

TEST_F(CompareAndAppend, IsSentAgainToARedisThatForgotIt) {
    create();
    EXPECT_EQ(texts(append({"7-0", "7", "1", "f", "a"})), (list{"1", "7-1"}));
    link_.ask({"SCRIPT", "FLUSH"});
    EXPECT_EQ(texts(append({"7-1", "7", "1", "f", "a"})), (list{"1", "7-2"}));
    EXPECT_EQ(link_.ask({"SCRIPT", "EXISTS", std::string{compare_and_append.sha1}})->items[0].number, 1);
    EXPECT_EQ(texts(append({"7-2", "7", "1", "f", "a"})), (list{"1", "7-3"}));
}

TEST_F(CompareAndAppend, AScriptWithoutAHashIsSentWhole) {
    EXPECT_EQ(run({"sum", "return ARGV[1] + ARGV[2]"}, {"2", "3"}).number, 5);
}

} // namespace
} // namespace studium::redis
