#include "load-tests/options.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>

namespace studium::load {
namespace {

void take_url(const std::string& url, options& into) {
    constexpr std::string_view scheme = "http://";
    std::string_view rest = url;
    if (rest.starts_with("ws://"))
        rest.remove_prefix(5);
    else if (rest.starts_with(scheme))
        rest.remove_prefix(scheme.size());
    else
        throw std::runtime_error{"--url must begin with http:// or ws://: " + url};
    const auto slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    if (slash != std::string_view::npos && rest.size() > slash + 1)
        into.prefix = std::string{rest.substr(slash)};
    const auto colon = authority.rfind(':');
    if (colon == std::string_view::npos) throw std::runtime_error{"--url needs a port: " + url};
    into.host = std::string{authority.substr(0, colon)};
    if (into.host == "localhost") into.host = "127.0.0.1";
    const auto digits = authority.substr(colon + 1);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), into.port);
    if (failure != std::errc{} || end != digits.data() + digits.size())
        throw std::runtime_error{"--url has no usable port: " + url};
}

void take_demo(const std::string& path, options& into) {
    std::ifstream file{path};
    if (!file) throw std::runtime_error{"cannot open " + path};
    const auto demo = nlohmann::json::parse(file);
    take_url(demo.at("url").get<std::string>(), into);
    into.token = demo.at("members_token").get<std::string>();
    into.workspaces = demo.at("workspaces").get<std::vector<std::string>>();
}

void name_workspaces(options& o) {
    if (o.workspaces.empty())
        for (std::size_t i = 0; i < o.groups; ++i) o.workspaces.push_back("load-" + std::to_string(i));
    if (o.workspaces.size() < o.groups)
        throw std::runtime_error{"there are " + std::to_string(o.workspaces.size()) + " workspaces for " +
                                 std::to_string(o.groups) + " groups (start the server with --demo-groups)"};
    o.workspaces.resize(o.groups);
}

} // namespace

std::optional<options> read_options(int argc, char** argv, int& exit_code) {
    options o;
    std::string url, demo;
    double warm_up = o.warm_up.count(), duration = o.duration.count(), drain = o.drain.count();
    double settle = o.settle.count();
    bool joined_writes = false;

    CLI::App app{"Types into a y-websocket server as many groups would, and measures what arrives."};
    app.add_option("--scenario", o.scenario, "typing or idle")->check(CLI::IsMember({"typing", "idle"}));
    app.add_option("--label", o.label, "how the figures call the server");
    auto* const demo_option = app.add_option("--demo", demo, "demo.json of a Studium server");
    app.add_option("--url", url, "ws://HOST:PORT[/PREFIX/] of any y-websocket server")->excludes(demo_option);
    app.add_option("--token", o.token, "sent as ?token=")->excludes(demo_option);
    app.add_option("--groups", o.groups)->check(CLI::Range(1, 100'000))->capture_default_str();
    app.add_option("--members", o.members)->check(CLI::Range(1, 1'000))->capture_default_str();
    app.add_option("--rate", o.rate, "edits a second and member")
        ->check(CLI::Range(0.1, 1'000.0))
        ->capture_default_str();
    app.add_option("--warm-up", warm_up, "seconds")->capture_default_str();
    app.add_option("--seconds", duration, "length of the measurement")->capture_default_str();
    app.add_option("--drain", drain, "seconds to wait for the last edits")->capture_default_str();
    app.add_flag("--echo-awareness", o.echo_awareness, "send each new cursor back, as stock providers do");
    app.add_flag("--joined-writes", joined_writes, "an edit and its cursor leave in one system call");
    app.add_option("--steps", o.steps, "idle: steps of equal size")
        ->check(CLI::Range(2, 100))
        ->capture_default_str();
    app.add_option("--settle", settle, "idle: seconds before memory is read")->capture_default_str();
    app.add_option("--server-pid", o.server_pid, "whose processor time and memory to read");
    app.add_option("--redis-pid", o.redis_pid, "likewise, reported apart");
    app.add_option("--addresses", o.addresses, "source addresses 127.0.0.1 and up (0: by need)");
    app.add_option("--seed", o.seed, "0: drawn")->capture_default_str();
    app.add_option("--expect", o.expect_file, "write what each workspace must hold at the end");
    app.add_flag("--json", o.json_only, "only the JSON line");

    try {
        app.parse(argc, argv);
        if (demo.empty() == url.empty()) throw std::runtime_error{"give one of --demo and --url"};
        if (!demo.empty()) take_demo(demo, o);
        if (!url.empty()) take_url(url, o);
        name_workspaces(o);
    } catch (const CLI::ParseError& e) {
        exit_code = app.exit(e);
        return std::nullopt;
    } catch (const std::exception& e) {
        std::cerr << "studium-load: " << e.what() << '\n';
        exit_code = 2;
        return std::nullopt;
    }
    o.warm_up = seconds{warm_up};
    o.duration = seconds{duration};
    o.drain = seconds{drain};
    o.settle = seconds{settle};
    o.separate_writes = !joined_writes;
    if (o.addresses == 0) o.addresses = 1 + (o.connections() - 1) / 4'000;
    if (o.seed == 0) o.seed = std::random_device{}();
    return o;
}

} // namespace studium::load
