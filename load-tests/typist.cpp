#include "load-tests/typist.hpp"

#include "protocol/yjs/awareness.hpp"
#include "protocol/yjs/sync.hpp"

#include <array>
#include <string_view>

namespace studium::load {
namespace {

constexpr char root_name[] = "load";
constexpr char string_content = 4;
constexpr auto has_origin = static_cast<char>(0x80);

void put_var_uint(std::string& to, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(0x80 | (value & 0x7f)));
    to.push_back(static_cast<char>(value));
}

void put_var_string(std::string& to, std::string_view text) {
    put_var_uint(to, text.size());
    to.append(text);
}

// A prefix of one section with one struct: client and clock of what follows.
std::string one_struct(std::uint64_t client, std::uint64_t clock) {
    std::string update{"\1\1", 2};
    put_var_uint(update, client);
    put_var_uint(update, clock);
    return update;
}

} // namespace

std::string typist::type_character() {
    std::string update = one_struct(client_, clock_);
    if (clock_ == 0) {
        update.push_back(string_content);
        put_var_uint(update, 1); // the parent is a root type, by name
        put_var_string(update, root_name);
    } else {
        update.push_back(static_cast<char>(has_origin | string_content));
        put_var_uint(update, client_);
        put_var_uint(update, clock_ - 1);
    }
    const char letter = static_cast<char>('a' + clock_ % 26);
    put_var_string(update, std::string_view{&letter, 1});
    put_var_uint(update, 0); // nothing deleted
    ++clock_;
    return yjs::write_sync_update(update);
}

std::string typist::move_cursor() {
    const std::string place = clock_ == 0 ? std::string{"null"}
                                          : "{\"client\":" + std::to_string(client_) +
                                                ",\"clock\":" + std::to_string(clock_ - 1) + "}";
    const std::string point = "{\"type\":null,\"tname\":\"load\",\"item\":" + place + ",\"assoc\":0}";
    const std::array entry{yjs::awareness_entry{
        client_, ++awareness_clock_,
        "{\"user\":{\"name\":\"" + name_ + "\",\"color\":\"#30bced\"},\"cursor\":{\"anchor\":" + point +
            ",\"head\":" + point + "}}"}};
    return yjs::write_awareness(yjs::write_awareness_update(entry));
}

std::string first_message() { return yjs::write_sync_step_1({}); }
std::string nothing_to_add() { return yjs::write_sync_step_2(yjs::empty_update); }

} // namespace studium::load
