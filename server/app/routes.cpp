// What is reached where: the table of design.md, section 4.
#include "server/app/application.hpp"
#include "server/workspace/collab_session.hpp"

#include <nlohmann/json.hpp>

namespace studium::app {

namespace {

using admission = std::variant<edge::admitted, edge::http_response>;

edge::http_response refusal(error_code why) {
    if (why == errc::not_signed_in)
        return edge::error_response(errc::not_signed_in,
                                    "This needs a token that is good: ?token=… or Authorization: Bearer …");
    if (why == errc::not_found)
        return edge::error_response(errc::not_found, "There is no such workspace here.");
    return edge::error_response(errc::store_unavailable,
                                "Nothing can be stored right now. Try again in a moment.");
}

/// Opens the workspace's room on its worker.
task<result<std::shared_ptr<workspace::document>>> open_document(const room::directory& rooms,
                                                                 workspace_id which,
                                                                 const workspace::limits& limits,
                                                                 workspace::counters& counters) {
    const std::string name = "workspace:" + which.str();
    auto& home = rooms.of(name);
    room::host::factory make = [&home, &limits, &counters](room::open_room& r) {
        return std::make_unique<workspace::document>(r, home.home(), limits, counters);
    };
    auto open = co_await rooms.open(name, true, std::move(make));
    if (!open) co_return open.error();
    auto* const who = static_cast<workspace::document*>(&(*open)->who());
    co_return std::shared_ptr<workspace::document>{std::move(*open), who};
}

} // namespace

bool application::ready() const {
    return !draining_ && std::all_of(hosts_.begin(), hosts_.end(),
                                     [](const auto& h) { return h->count().storage_up.load(); });
}

std::vector<edge::route> application::routes() {
    const auto collab = [this](const edge::http_request& r) -> task<admission> {
        const auto token = r.token();
        const auto which =
            workspace_id::parse(std::string_view{r.path}.substr(std::string_view{"/collab/"}.size()));
        if (!token || token->size() > 128) co_return refusal(errc::not_signed_in);
        auto& link = rooms_->here().link();
        const auto who = co_await identity::find_session(link, std::string{*token});
        if (!who) co_return refusal(who.error());
        if (!which) co_return refusal(errc::not_found);
        const auto allowed = co_await identity::may_open(link, *who, *which);
        if (!allowed) co_return refusal(allowed.error());
        auto document = co_await open_document(*rooms_, *which, config_.workspace, workspace_counters_);
        if (!document) co_return refusal(document.error());
        const bool wants_acks = r.query_value("ack") == "1";
        auto& home = rooms_->of("workspace:" + which->str()).home();
        const std::size_t frame_bytes =
            config_.workspace.update.max_bytes + 64; // the message around an update
        co_return edge::admitted{
            &home, frame_bytes, [document = std::move(*document), wants_acks](socket& s) {
                auto session = std::make_unique<workspace::collab_session>(s, document, wants_acks);
                session->start();
                return session;
            }};
    };
    const auto live = [this](const edge::http_request&) -> task<admission> {
        co_return edge::admitted{worker::current(), config_.live.max_message_bytes,
                                 [this](socket& s) { return live::open_session(s, live_); }};
    };
    const auto alive = [](const edge::http_request&) -> task<edge::http_response> {
        co_return edge::http_response{
            200, "application/json", R"({"alive":true})", {{"Cache-Control", "no-store"}}};
    };
    const auto readiness = [this](const edge::http_request&) -> task<edge::http_response> {
        const bool now = ready();
        const nlohmann::json page{{"ready", now},
                                  {"draining", draining_.load()},
                                  {"redis",
                                   {{"version", fitness_.version},
                                    {"append_only", fitness_.append_only},
                                    {"appendfsync", fitness_.appendfsync},
                                    {"eviction_policy", fitness_.eviction_policy}}}};
        co_return edge::http_response{
            now ? 200 : 503, "application/json", page.dump(), {{"Cache-Control", "no-store"}}};
    };
    const auto numbers = [this](const edge::http_request&) -> task<edge::http_response> {
        co_return edge::http_response{200,
                                      std::string{metrics::registry::content_type},
                                      metrics_.render(),
                                      {{"Cache-Control", "no-store"}}};
    };
    return {
        {"", "/collab/*", {}, collab},     {"", "/live", {}, live},          {"GET", "/healthz", alive, {}},
        {"GET", "/readyz", readiness, {}}, {"GET", "/metrics", numbers, {}},
    };
}

void application::register_metrics() {
    using metrics::kind;
    const auto edge_number = [this](std::uint64_t edge::counters::* which) {
        return [this, which] { return static_cast<double>(edge_->count().*which); };
    };
    metrics_.add_read(kind::gauge, "studium_connections", "Open connections",
                      edge_number(&edge::counters::connections_open));
    metrics_.add_read(kind::counter, "studium_connections_total", "Connections ever accepted",
                      edge_number(&edge::counters::connections_total));
    metrics_.add_read(kind::counter, "studium_connections_refused_total", "Connections refused by a limit",
                      edge_number(&edge::counters::connections_refused));
    metrics_.add_read(kind::counter, "studium_frames_in_total", "WebSocket messages received",
                      edge_number(&edge::counters::frames_in));
    metrics_.add_read(kind::counter, "studium_frames_out_total", "WebSocket messages queued",
                      edge_number(&edge::counters::frames_out));
    metrics_.add_read(kind::counter, "studium_bytes_in_total", "Bytes of messages received",
                      edge_number(&edge::counters::bytes_in));
    metrics_.add_read(kind::counter, "studium_bytes_out_total", "Bytes written to sockets",
                      edge_number(&edge::counters::bytes_out));
    metrics_.add_read(kind::counter, "studium_writes_total", "System calls that wrote to sockets",
                      edge_number(&edge::counters::writes));
    metrics_.add_read(kind::counter, "studium_closed_too_slow_total",
                      "Sockets closed because they read too slowly",
                      edge_number(&edge::counters::closed_too_slow));
    metrics_.add_read(kind::counter, "studium_handler_failures_total", "Exceptions of handlers: bugs",
                      edge_number(&edge::counters::handler_failures));

    const auto over_hosts = [this](auto which) {
        return [this, which] {
            double sum = 0;
            for (const auto& h : hosts_) sum += static_cast<double>((h->count().*which).load());
            return sum;
        };
    };
    using hc = room::host_counters;
    metrics_.add_read(kind::gauge, "studium_rooms", "Open rooms", over_hosts(&hc::rooms_open));
    metrics_.add_read(kind::counter, "studium_appends_total", "Appends sent to the store",
                      over_hosts(&hc::appends));
    metrics_.add_read(kind::counter, "studium_append_batches_total", "Batches in which they were sent",
                      over_hosts(&hc::append_batches));
    metrics_.add_read(kind::counter, "studium_append_failures_total",
                      "Appends that the store did not take at once", over_hosts(&hc::append_failures));
    metrics_.add_read(kind::counter, "studium_snapshots_total", "Snapshots kept", over_hosts(&hc::snapshots));
    metrics_.add_read(kind::counter, "studium_channel_messages_total", "Messages from other nodes",
                      over_hosts(&hc::relays_of_other_nodes));
    metrics_.add_read(kind::gauge, "studium_ready", "1 while the store takes everything",
                      [this] { return ready() ? 1.0 : 0.0; });

    const auto workspace_number = [this](std::atomic<std::uint64_t> workspace::counters::* which) {
        return [this, which] { return static_cast<double>((workspace_counters_.*which).load()); };
    };
    using wc = workspace::counters;
    metrics_.add_read(kind::counter, "studium_edits_stored_total", "Appends of workspaces that were stored",
                      workspace_number(&wc::edits_stored));
    metrics_.add_read(kind::counter, "studium_edits_delivered_total", "Edits sent to readers",
                      workspace_number(&wc::edits_delivered));
    metrics_.add_read(kind::counter, "studium_edits_refused_total", "Edits refused: document full",
                      workspace_number(&wc::edits_refused));
    metrics_.add_read(kind::counter, "studium_cursors_delivered_total", "Cursor messages sent",
                      workspace_number(&wc::cursors_delivered));
}

} // namespace studium::app
