#include "server/app/configuration.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace studium::app {

namespace {

/// One row a setting of the file; config/studium.toml lists them all with their defaults.
struct row {
    std::string_view name;
    std::function<std::optional<std::string>(configuration&, const toml::node&)>
        read; // what is wrong, if anything
};

template <class T>
row number(std::string_view name, std::int64_t min, std::int64_t max, T configuration::* outer,
           std::function<void(T&, std::int64_t)> set) {
    return {name, [=](configuration& c, const toml::node& n) -> std::optional<std::string> {
                const auto v = n.value<std::int64_t>();
                if (!n.is_integer() || *v < min || *v > max)
                    return "must be a whole number from " + std::to_string(min) + " to " +
                           std::to_string(max);
                set(c.*outer, *v);
                return std::nullopt;
            }};
}

template <class S, class F>
row number(std::string_view name, std::int64_t min, std::int64_t max, S configuration::* outer,
           F S::* inner) {
    return number<S>(name, min, max, outer, [inner](S& s, std::int64_t v) {
        if constexpr (std::is_arithmetic_v<F>)
            s.*inner = static_cast<F>(v);
        else
            s.*inner = F{v};
    });
}

row words(std::string_view name, std::function<bool(configuration&, const std::string&)> set,
          std::string expected) {
    return {name, [=](configuration& c, const toml::node& n) -> std::optional<std::string> {
                const auto v = n.value<std::string>();
                if (!n.is_string() || !set(c, *v)) return "must be " + expected;
                return std::nullopt;
            }};
}

bool set_log_level(configuration& c, const std::string& word) {
    const auto level = log::parse_level(word);
    if (level) c.log_level = *level;
    return level.has_value();
}

bool set_redis(configuration& c, const std::string& text) {
    if (text.empty()) {
        c.redis.reset();
        return true;
    }
    const auto endpoint = redis::endpoint::parse(text);
    if (endpoint) c.redis = *endpoint;
    return endpoint.has_value();
}

constexpr std::int64_t a_day_ms = 86'400'000, a_gib = 1LL << 30;

const std::vector<row>& rows() {
    using C = configuration;
    static const std::vector<row> all{
        words(
            "server.address",
            [](C& c, const std::string& v) {
                c.address = v;
                return !v.empty();
            },
            "an address"),
        number<std::uint16_t>("server.port", 0, 65535, &C::port,
                              [](std::uint16_t& p, std::int64_t v) { p = static_cast<std::uint16_t>(v); }),
        words(
            "server.data",
            [](C& c, const std::string& v) {
                c.data = v;
                return !v.empty();
            },
            "a folder"),
        words(
            "server.web",
            [](C& c, const std::string& v) {
                c.web = v;
                return true;
            },
            "a folder"),
        number<unsigned>("server.threads", 0, 256, &C::threads,
                         [](unsigned& t, std::int64_t v) { t = static_cast<unsigned>(v); }),
        number<std::chrono::milliseconds>("server.drain_ms", 0, a_day_ms, &C::drain,
                                          [](auto& d, std::int64_t v) { d = std::chrono::milliseconds{v}; }),
        words("log.level", set_log_level, "debug, info, warn or error"),
        words(
            "log.format",
            [](C& c, const std::string& v) {
                const auto format = log::parse_format(v);
                if (format) c.log_format = *format;
                return format.has_value();
            },
            "logfmt or json"),
        words("redis.endpoint", set_redis, "\"\", unix:/path, host:port or redis://user:password@host:port"),
        words(
            "redis.appendfsync",
            [](C& c, const std::string& v) {
                c.appendfsync = v;
                return v == "always" || v == "everysec" || v == "no";
            },
            "always, everysec or no"),
        number("redis.connect_timeout_ms", 10, a_day_ms, &C::link, &redis::link_options::connect_timeout),
        number("redis.command_timeout_ms", 10, a_day_ms, &C::link, &redis::link_options::command_timeout),
        number("limits.max_connections", 1, 10'000'000, &C::edge, &edge::limits::max_connections),
        number("limits.max_connections_per_address", 1, 10'000'000, &C::edge,
               &edge::limits::max_connections_per_address),
        number("limits.max_header_bytes", 256, a_gib, &C::edge, &edge::limits::max_header_bytes),
        number("limits.max_body_bytes", 0, a_gib, &C::edge, &edge::limits::max_body_bytes),
        number("limits.request_timeout_ms", 10, a_day_ms, &C::edge, &edge::limits::request_timeout),
        number("limits.idle_timeout_ms", 1000, a_day_ms, &C::edge, &edge::limits::idle_timeout),
        number("limits.ping_interval_ms", 1000, a_day_ms, &C::edge, &edge::limits::ping_interval),
        number("limits.close_timeout_ms", 10, a_day_ms, &C::edge, &edge::limits::close_timeout),
        number("limits.max_outbox_bytes", 1024, a_gib, &C::edge, &edge::limits::max_outbox_bytes),
        number("limits.max_control_frames_per_second", 1, 1'000'000, &C::edge,
               &edge::limits::max_control_frames_per_second),
        number<workspace::limits>(
            "limits.max_update_bytes", 64, a_gib, &C::workspace,
            [](auto& l, std::int64_t v) { l.update.max_bytes = static_cast<std::size_t>(v); }),
        number("limits.max_document_bytes", 1024, a_gib, &C::workspace,
               &workspace::limits::max_document_bytes),
        number("limits.max_sockets_per_workspace", 1, 100'000, &C::workspace,
               &workspace::limits::max_sockets),
        number<workspace::limits>(
            "limits.max_cursor_bytes", 64, 1 << 20, &C::workspace,
            [](auto& l, std::int64_t v) { l.awareness.max_state_bytes = static_cast<std::size_t>(v); }),
        number("limits.max_unstored_bytes", 1024, a_gib, &C::workspace,
               &workspace::limits::max_unstored_bytes),
        number("limits.max_backlog_bytes", 1024, a_gib, &C::workspace, &workspace::limits::max_backlog_bytes),
        number("limits.collab_messages_per_second", 1, 1'000'000, &C::workspace,
               &workspace::limits::messages_per_second),
        number("limits.collab_message_burst", 1, 10'000'000, &C::workspace,
               &workspace::limits::message_burst),
        number("limits.max_live_message_bytes", 256, a_gib, &C::live, &live::limits::max_message_bytes),
        number("limits.hello_timeout_ms", 10, a_day_ms, &C::live, &live::limits::hello_timeout),
        number("limits.max_waiting_requests", 1, 100'000, &C::live, &live::limits::max_waiting_requests),
        number("limits.live_requests_per_second", 1, 1'000'000, &C::live, &live::limits::requests_per_second),
        number("limits.live_request_burst", 1, 1'000'000, &C::live, &live::limits::request_burst),
        number("limits.max_refusals", 1, 1'000'000, &C::live, &live::limits::max_refusals),
        number("limits.joins_per_minute", 1, 1'000'000, &C::live, &live::limits::joins_per_minute),
        number("limits.join_burst", 1, 1'000'000, &C::live, &live::limits::join_burst),
        number<live::limits>(
            "limits.max_people_per_cohort", 1, 1'000'000, &C::live,
            [](auto& l, std::int64_t v) { l.cohort.max_people = static_cast<std::size_t>(v); }),
        number<live::limits>(
            "limits.max_messages_per_group", 1, 10'000'000, &C::live,
            [](auto& l, std::int64_t v) { l.cohort.max_messages_per_group = static_cast<std::size_t>(v); }),
        number("limits.max_pending_bytes", 1024, a_gib, &C::room, &room::settings::max_pending_bytes),
        number("rooms.snapshot_after_entries", 1, 1'000'000, &C::room,
               &room::settings::snapshot_after_entries),
        number("rooms.snapshot_after_bytes", 1024, a_gib, &C::room, &room::settings::snapshot_after_bytes),
        number<int>("rooms.unload_after_s", 1, 86'400, &C::unload_after_seconds,
                    [](int& s, std::int64_t v) { s = static_cast<int>(v); }),
    };
    return all;
}

/// What is wrong with the file, if anything; with its place.
std::optional<std::string> read_file(const std::string& path, configuration& c) {
    const auto parsed = [&]() -> std::variant<toml::table, std::string> {
        try {
            return toml::parse_file(path);
        } catch (const toml::parse_error& e) {
            return path + ":" + std::to_string(e.source().begin.line) + ": " + std::string{e.description()};
        }
    }();
    if (const auto* wrong = std::get_if<std::string>(&parsed)) return *wrong;
    for (const auto& [section, node] : std::get<toml::table>(parsed)) {
        const auto at = [&](const toml::node& n) {
            return path + ":" + std::to_string(n.source().begin.line) + ": ";
        };
        const auto* table = node.as_table();
        if (!table) return at(node) + "'" + std::string{section.str()} + "' stands outside of a [section]";
        for (const auto& [key, value] : *table) {
            const std::string name = std::string{section.str()} + "." + std::string{key.str()};
            const auto known =
                std::find_if(rows().begin(), rows().end(), [&](const row& r) { return r.name == name; });
            if (known == rows().end()) return at(value) + "there is no setting '" + name + "'";
            if (const auto wrong = known->read(c, value)) return at(value) + name + " " + *wrong;
        }
    }
    return std::nullopt;
}

} // namespace

std::variant<configuration, leave> read_configuration(int argc, const char* const* argv) {
    configuration c;
    std::string file, endpoint, level, data, web;
    CLI::App line{"Studium: a real-time server for learning together at a distance"};
    line.set_version_flag("--version", "studium " STUDIUM_VERSION);
    line.add_option("--config", file, "read this configuration first; options given here win")
        ->type_name("FILE")
        ->check(CLI::ExistingFile);
    const auto* address = line.add_option("--address", "address to listen on (127.0.0.1)")->type_name("A");
    const auto* port = line.add_option("--port", "port to listen on; 0 takes any free one (8080)")
                           ->type_name("N")
                           ->check(CLI::Range(0, 65535));
    const auto* data_given =
        line.add_option("--data", data, "where everything is kept (data)")->type_name("DIR");
    const auto* redis_given = line.add_option("--redis", endpoint,
                                              "use this Redis instead of a private one: unix:/path, "
                                              "host:port or redis://user:password@host:port")
                                  ->type_name("ENDPOINT");
    const auto* web_given =
        line.add_option("--web", web, "the built web client (web-client/dist)")->type_name("DIR");
    const auto* threads = line.add_option("--threads", "worker threads; 0 takes one a core (0)")
                              ->type_name("N")
                              ->check(CLI::Range(0, 256));
    line.add_flag("--demo", c.demo,
                  "seed two partner schools with a cohort, and print links for a student and a teacher");
    line.add_option("--demo-groups", c.demo_groups, "how many groups of four the demo has (6)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    const auto* level_given = line.add_option("--log-level", level, "debug, info, warn or error (info)")
                                  ->type_name("L")
                                  ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
    try {
        line.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return leave{0, line.help()};
    } catch (const CLI::CallForVersion& e) {
        return leave{0, std::string{e.what()} + "\n"};
    } catch (const CLI::ParseError& e) {
        return leave{2, std::string{"studium: "} + e.what() + "\nSee studium --help.\n"};
    }
    if (!file.empty())
        if (const auto wrong = read_file(file, c)) return leave{2, "studium: " + *wrong + "\n"};
    if (!address->empty()) c.address = address->as<std::string>();
    if (!port->empty()) c.port = port->as<std::uint16_t>();
    if (!data_given->empty()) c.data = data;
    if (!web_given->empty()) c.web = web;
    if (!threads->empty()) c.threads = threads->as<unsigned>();
    if (!level_given->empty()) set_log_level(c, level);
    if (!redis_given->empty() && !set_redis(c, endpoint))
        return leave{2, "studium: --redis takes unix:/path, host:port or redis://user:password@host:port\n"};
    return c;
}

} // namespace studium::app
