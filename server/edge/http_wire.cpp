#include "server/edge/http_wire.hpp"

#include "server/edge/request_checks.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace studium::edge {

namespace {

namespace http = boost::beast::http;

std::string http_date() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text.data();
}

bool is_safe(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
    if (!is_safe(name) || !is_safe(value)) return;
    head.append(name).append(": ").append(value).append("\r\n");
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

http_response refusal_of(const error_code& ec) {
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        return refusal(431, "too_large", "the request's header is larger than the limit");
    if (ec == http::error::body_limit)
        return refusal(413, "too_large", "the request's body is larger than the limit");
    if (ec == http::error::bad_version) return refusal(505, "invalid", "HTTP/1.1 and HTTP/1.0 are spoken");
    return refusal(400, "malformed", "this is not an HTTP request");
}

} // namespace

std::string render_head(const http_response& response, std::size_t body_size, bool keep_alive) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
    std::string head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reason.data(), reason.size()).append("\r\n");
    append_field(head, "Date", http_date());
    append_field(head, "Connection", keep_alive ? "keep-alive" : "close");
    if (response.status != 204 && response.status != 304) {
        append_field(head, "Content-Type", response.content_type);
        append_field(head, "Content-Length", std::to_string(body_size));
    }
    append_field(head, "X-Content-Type-Options", "nosniff");
    append_field(head, "Referrer-Policy", "no-referrer");
    append_field(head, "Cross-Origin-Opener-Policy", "same-origin");
    append_field(head, "Cross-Origin-Resource-Policy", "same-origin");
    for (const auto& [name, value] : response.fields) append_field(head, name, value);
    return head.append("\r\n");
}

struct request_reader::parser {
    http::request_parser<http::string_body> beast;
};

request_reader::request_reader(const edge::limits& limits) : parser_{std::make_unique<parser>()} {
    parser_->beast.header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    parser_->beast.body_limit(limits.max_body_bytes);
}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;

request_reader::state request_reader::take(std::string& bytes) {
    auto& beast = parser_->beast;
    beast.eager(head_seen_);
    while (!bytes.empty() || head_seen_) {
        if (head_seen_ && beast.is_done()) return state::whole;
        if (bytes.empty()) return state::more;
        error_code ec;
        const auto taken = beast.put(boost::asio::buffer(bytes), ec);
        bytes.erase(0, taken);
        if (ec && ec != http::error::need_more) {
            refusal_ = refusal_of(ec);
            return state::refused;
        }
        if (!head_seen_ && beast.is_header_done()) {
            head_seen_ = true;
            read_head();
            return state::head;
        }
        if (ec == http::error::need_more || taken == 0) return state::more;
    }
    return state::more;
}

void request_reader::read_head() {
    const auto& message = parser_->beast.get();
    http_1_1_ = message.version() == 11;
    keep_alive_ = message.keep_alive();
    const auto method = message.method_string();
    const auto target = message.target();
    request_.method.assign(method.data(), method.size());
    target_.assign(target.data(), target.size());
    for (const auto& field : message) {
        const auto name = field.name_string();
        const auto value = field.value();
        request_.fields.emplace_back(lower({name.data(), name.size()}),
                                     std::string{value.data(), value.size()});
    }
}

http_request request_reader::release() {
    request_.body = std::move(parser_->beast.get().body());
    return std::move(request_);
}

bool request_reader::expects_continue() const noexcept {
    const auto expect = request_.field("expect");
    return http_1_1_ && expect && lower(*expect) == "100-continue";
}

} // namespace studium::edge
