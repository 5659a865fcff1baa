#include "server/app/configuration.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace studium::app {
namespace {

namespace fs = std::filesystem;

const fs::path root{STUDIUM_SOURCE_DIR};

std::string read(const fs::path& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::variant<configuration, leave> read_line(std::vector<std::string> words) {
    words.insert(words.begin(), "studium");
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    return read_configuration(static_cast<int>(argv.size()), argv.data());
}

/// What a person reads where the configuration is refused; empty where it is taken.
std::string refusal(const std::vector<std::string>& words) {
    const auto got = read_line(words);
    const auto* left = std::get_if<leave>(&got);
    if (left) EXPECT_EQ(left->status, 2);
    return left ? left->text : "";
}

/// A configuration file for the length of a test.
class written_file {
public:
    explicit written_file(const std::string& text)
        : path_{fs::temp_directory_path() /
                ("studium-configuration-" + std::to_string(::getpid()) + ".toml")} {
        std::ofstream{path_} << text;
    }
    ~written_file() { fs::remove(path_); }
    written_file(const written_file&) = delete;
    written_file& operator=(const written_file&) = delete;
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

/// Every number and word of a configuration that the file can set, in one text: two of them are easily
/// compared.
std::string text_of(const configuration& c) {
    std::ostringstream out;
    const auto put = [&](const auto&... values) { ((out << values << ' '), ...); };
    put(c.address, c.port, c.data, c.web, c.threads, c.drain.count());
    put(static_cast<int>(c.log_level), static_cast<int>(c.log_format));
    put(c.redis.has_value(), c.appendfsync, c.link.connect_timeout.count(), c.link.command_timeout.count());
    put(c.edge.max_connections, c.edge.max_connections_per_address, c.edge.max_header_bytes,
        c.edge.max_body_bytes, c.edge.request_timeout.count(), c.edge.idle_timeout.count(),
        c.edge.ping_interval.count(), c.edge.close_timeout.count(), c.edge.max_outbox_bytes,
        c.edge.max_control_frames_per_second);
    put(c.workspace.update.max_bytes, c.workspace.max_document_bytes, c.workspace.max_sockets,
        c.workspace.awareness.max_state_bytes, c.workspace.max_unstored_bytes, c.workspace.max_backlog_bytes,
        c.workspace.messages_per_second, c.workspace.message_burst);
    put(c.live.max_message_bytes, c.live.hello_timeout.count(), c.live.max_waiting_requests,
        c.live.requests_per_second, c.live.request_burst, c.live.joins_per_minute, c.live.join_burst,
        c.live.cohort.max_people, c.live.cohort.max_messages_per_group);
    put(c.room.max_pending_bytes, c.room.snapshot_after_entries, c.room.snapshot_after_bytes,
        c.unload_after_seconds);
    return out.str();
}

TEST(Configuration, TheExampleFileHoldsTheDefaults) {
    const auto example = read_line({"--config", (root / "config/studium.toml").string()});
    ASSERT_TRUE(std::holds_alternative<configuration>(example)) << std::get<leave>(example).text;
    EXPECT_EQ(text_of(std::get<configuration>(example)), text_of(configuration{}));
}

TEST(Configuration, TheExampleFileNamesEverySetting) {
    std::set<std::string> known, shown;
    const auto code = read(root / "server/app/configuration.cpp");
    const std::regex quoted{R"re("((?:server|log|redis|limits|rooms)\.[a-z_]+)")re"};
    for (std::sregex_iterator it{code.begin(), code.end(), quoted}, end; it != end; ++it)
        known.insert((*it)[1]);
    ASSERT_GT(known.size(), 20U);

    std::istringstream lines{read(root / "config/studium.toml")};
    std::string section;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
        const auto end = line.find(" =");
        if (!line.starts_with('#') && end != std::string::npos)
            shown.insert(section + '.' + line.substr(0, end));
    }
    EXPECT_EQ(shown, known);
}

TEST(Configuration, TheCommandLineWinsOverTheFile) {
    const written_file file{"[server]\nport = 9000\nthreads = 3\n[redis]\nendpoint = \"unix:/a\"\n"};
    const auto got = read_line({"--config", file.path(), "--port", "0", "--redis", "127.0.0.1:7000"});
    ASSERT_TRUE(std::holds_alternative<configuration>(got)) << std::get<leave>(got).text;
    const auto& c = std::get<configuration>(got);
    EXPECT_EQ(c.port, 0);
    EXPECT_EQ(c.threads, 3U);
    ASSERT_TRUE(c.redis.has_value());
    EXPECT_EQ(c.redis->port, 7000);
}

TEST(Configuration, AMistakeInTheFileIsToldWithItsLine) {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"[server]\nprot = 1\n", ":2: there is no setting 'server.prot'"},
        {"[sever]\nport = 1\n", ":2: there is no setting 'sever.port'"},
        {"port = 1\n", ":1: 'port' stands outside of a [section]"},
        {"[server]\nport = 65536\n", ":2: server.port must be a whole number from 0 to 65535"},
        {"[server]\nport = \"8080\"\n", ":2: server.port must be"},
        {"[server]\nport = 1.5\n", ":2: server.port must be"},
        {"[log]\nlevel = \"loud\"\n", ":2: log.level must be"},
        {"[redis]\nappendfsync = \"later\"\n", ":2: redis.appendfsync must be"},
        {"[redis]\nendpoint = \"redis://\"\n", ":2: redis.endpoint must be"},
        {"[server\n", ":1: "},
    };
    for (const auto& [text, expected] : mistakes) {
        const written_file file{text};
        EXPECT_NE(refusal({"--config", file.path()}).find(file.path() + expected), std::string::npos)
            << text << " was answered with: " << refusal({"--config", file.path()});
    }
}

TEST(Configuration, AMistakeOnTheCommandLineNamesTheHelp) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"--prot", "1"},
                                               {"--port", "65536"},
                                               {"--port"},
                                               {"--log-level", "loud"},
                                               {"--config", "/nowhere.toml"},
                                               {"stray"}})
        EXPECT_NE(refusal(words).find("See studium --help."), std::string::npos) << words.front();
    EXPECT_NE(refusal({"--redis", "redis://"}).find("--redis takes"), std::string::npos);
}

TEST(Configuration, HelpAndVersionLeaveWithZero) {
    for (const char* word : {"--help", "--version"}) {
        const auto got = read_line({word});
        ASSERT_TRUE(std::holds_alternative<leave>(got)) << word;
        EXPECT_EQ(std::get<leave>(got).status, 0);
        EXPECT_FALSE(std::get<leave>(got).text.empty());
    }
}

/// ./run shows its help before anything is built, so its text is its own: it must not fall behind the
/// server's.
TEST(Configuration, RunKnowsEveryOptionOfTheServer) {
    const auto script = read(root / "run");
    const auto help = std::get<leave>(read_line({"--help"})).text;
    const std::regex option{"--[a-z-]+"};
    for (std::sregex_iterator it{help.begin(), help.end(), option}, end; it != end; ++it)
        if (it->str() != "--version")
            EXPECT_NE(script.find("\n  " + it->str()), std::string::npos) << it->str();
}

} // namespace
} // namespace studium::app
