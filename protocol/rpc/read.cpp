#include "protocol/rpc/messages.hpp"
#include "protocol/rpc/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace studium::rpc {

namespace {

using nlohmann::json;

constexpr int max_depth = 16;

/// Takes the members of one object by name and remembers the first thing that is wrong.
class fields {
public:
    explicit fields(const json& object) : object_{object} {}

    std::string text(const char* name, std::size_t min, std::size_t max) {
        const json* const v = member(name, true);
        return v ? text_of(*v, name, min, max) : std::string{};
    }
    std::optional<std::string> optional_text(const char* name, std::size_t min, std::size_t max) {
        const json* const v = member(name, false);
        if (!v) return std::nullopt;
        return text_of(*v, name, min, max);
    }
    int optional_int(const char* name, int min, int max, int otherwise) {
        const json* const v = member(name, false);
        if (!v) return otherwise;
        // JSON Schema's "integer" takes 50.0 too.
        if (v->is_number()) {
            const double d = v->get<double>();
            if (d >= min && d <= max && d == static_cast<double>(static_cast<int>(d)))
                return static_cast<int>(d);
        }
        wrong(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return otherwise;
    }
    void constant(const char* name, int value) {
        const json* const v = member(name, true);
        if (v && !(v->is_number() && v->get<double>() == value))
            wrong(name, "must be " + std::to_string(value));
    }
    std::string id(const char* name) {
        std::string v = text(name, 1, max_id_length);
        if (!is_id(v)) wrong(name, "must be 1 to 64 of A-Z a-z 0-9 _ -");
        return v;
    }
    template <class Id> std::optional<Id> optional_id(const char* name) {
        if (!object_.contains(name)) {
            return std::nullopt;
        }
        return Id{id(name)};
    }
    std::optional<std::string> time_zone() {
        auto zone = optional_text("time_zone", 1, 64);
        const auto allowed = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c == '+' || c == '/' || c == '-';
        };
        if (zone && !std::all_of(zone->begin(), zone->end(), allowed))
            wrong("time_zone", "must be an IANA name");
        return zone;
    }
    std::optional<std::string> position(const char* name) {
        auto at = optional_text(name, 3, 33);
        if (!at) return at;
        const auto dash = at->find('-');
        const auto number = [](std::string_view s) {
            return !s.empty() && s.size() <= 16 &&
                   s.find_first_not_of("0123456789") == std::string_view::npos;
        };
        if (dash == std::string::npos || !number(std::string_view{*at}.substr(0, dash)) ||
            !number(std::string_view{*at}.substr(dash + 1)))
            wrong(name, "must be a position, \"1763760000000-42\"");
        return at;
    }
    void wrong(std::string_view field, std::string why) {
        if (failure_) return;
        failure_ =
            failure{failure::kind::invalid_params, std::string{field} + " " + why, std::string{field}, 0};
    }

    /// The first failure; or a member that nobody asked for.
    std::optional<failure> finish() {
        for (auto it = object_.begin(); it != object_.end() && !failure_; ++it)
            if (std::find(asked_.begin(), asked_.end(), it.key()) == asked_.end())
                wrong(it.key().size() <= 64 ? it.key() : std::string{"params"}, "is not known here");
        return failure_;
    }

private:
    const json* member(const char* name, bool required) {
        asked_.emplace_back(name);
        const auto it = object_.find(name);
        if (it != object_.end()) return &*it;
        if (required) wrong(name, "is missing");
        return nullptr;
    }
    std::string text_of(const json& v, const char* name, std::size_t min, std::size_t max) {
        if (!v.is_string()) {
            wrong(name, "must be a string");
            return {};
        }
        const auto& s = v.get_ref<const std::string&>();
        const std::size_t length = code_points(s);
        if (length < min || length > max)
            wrong(name, "must have " + std::to_string(min) + " to " + std::to_string(max) + " characters");
        return s;
    }

    const json& object_;
    std::vector<std::string> asked_;
    std::optional<failure> failure_;
};

hello read_hello(fields& f) {
    f.constant("protocol", protocol_version);
    hello m;
    m.client = f.text("client", 1, 64);
    m.token = f.optional_text("token", 1, 128);
    m.time_zone = f.time_zone();
    return m;
}

cohort_join read_cohort_join(fields& f) {
    cohort_join m;
    m.code = plain_code(f.text("code", 4, 16));
    auto name = clean_name(f.text("name", 1, 60));
    if (!name) f.wrong("name", "must have a visible character and no control characters");
    m.name = std::move(name).value_or("");
    m.time_zone = f.time_zone();
    m.group = f.optional_id<group_id>("group");
    return m;
}

cohort_leave read_cohort_leave(fields&) { return {}; }
groups_list read_groups_list(fields&) { return {}; }
group_open read_group_open(fields& f) { return {group_id{f.id("group")}}; }
members_list read_members_list(fields&) { return {}; }

messages_send read_messages_send(fields& f) {
    messages_send m;
    m.id = f.id("id");
    m.text = f.text("text", 1, 2000);
    return m;
}

messages_history read_messages_history(fields& f) {
    messages_history m;
    m.limit = f.optional_int("limit", 1, 100, 50);
    m.before = f.position("before");
    m.after = f.position("after");
    return m;
}

struct row {
    std::string_view method;
    params (*read)(fields&);
};

template <auto Read> params as_params(fields& f) { return Read(f); }

constexpr std::array catalogue{
    row{"hello", as_params<read_hello>},
    row{"cohort.join", as_params<read_cohort_join>},
    row{"cohort.leave", as_params<read_cohort_leave>},
    row{"groups.list", as_params<read_groups_list>},
    row{"group.open", as_params<read_group_open>},
    row{"members.list", as_params<read_members_list>},
    row{"messages.send", as_params<read_messages_send>},
    row{"messages.history", as_params<read_messages_history>},
};
static_assert(catalogue.size() == std::variant_size_v<params>);

/// Brackets nested deeper than the limit, outside of strings.
bool too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > max_depth) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

std::variant<params, failure> read_params_of(std::string_view method, const json& value) {
    const auto known =
        std::find_if(catalogue.begin(), catalogue.end(), [&](const row& r) { return r.method == method; });
    if (known == catalogue.end())
        return failure{failure::kind::unknown_method, "no such method; see protocol/schema/openrpc.json", "",
                       0};
    if (!value.is_object()) return failure{failure::kind::invalid_params, "params must be an object", "", 0};
    fields f{value};
    auto read = known->read(f);
    if (auto wrong = f.finish()) return *wrong;
    return read;
}

/// The id of a request as JSON text; nothing where it is neither a string of sane length nor a number.
std::optional<std::string> id_of(const json& object) {
    const auto id = object.find("id");
    if (id == object.end()) return std::nullopt;
    if (id->is_number() || (id->is_string() && id->get_ref<const std::string&>().size() <= 64))
        return id->dump();
    return std::nullopt;
}

} // namespace

std::variant<params, failure> read_params(std::string_view method, std::string_view text) {
    return read_params_of(method, json::parse(text, nullptr, false));
}

std::variant<request, refused> read_request(std::string_view text) {
    if (too_deep(text)) return refused{"null", {failure::kind::invalid_request, "nested too deeply", "", 0}};
    const json object = json::parse(text, nullptr, false);
    if (object.is_discarded()) return refused{"null", {failure::kind::parse, "this is not JSON", "", 0}};
    if (object.is_array())
        return refused{"null",
                       {failure::kind::invalid_request, "batches are not taken: one request a frame", "", 0}};
    if (!object.is_object())
        return refused{"null", {failure::kind::invalid_request, "a request is an object", "", 0}};
    const auto id = id_of(object);
    const auto version = object.find("jsonrpc"), method = object.find("method");
    if (!id || version == object.end() || *version != "2.0" || method == object.end() || !method->is_string())
        return refused{
            id.value_or("null"),
            {failure::kind::invalid_request, "a request has jsonrpc \"2.0\", id, method and params", "", 0}};
    for (auto it = object.begin(); it != object.end(); ++it)
        if (it.key() != "jsonrpc" && it.key() != "id" && it.key() != "method" && it.key() != "params")
            return refused{*id,
                           {failure::kind::invalid_request, "a member of the request is not known", "", 0}};
    const auto given = object.find("params");
    const json none = json::object();
    auto read = read_params_of(method->get_ref<const std::string&>(), given == object.end() ? none : *given);
    if (auto* wrong = std::get_if<failure>(&read)) return refused{*id, std::move(*wrong)};
    return request{*id, std::get<params>(std::move(read))};
}

} // namespace studium::rpc
