// What one member types: real Yjs updates (format V1) and the cursor that goes with them.
#pragma once

#include <cstdint>
#include <string>

namespace studium::load {

class typist {
public:
    typist(std::uint64_t client, std::string name) : client_{client}, name_{std::move(name)} {}

    std::uint64_t client() const noexcept { return client_; }
    /// How many characters it has typed: the clock of the next one.
    std::uint64_t clock() const noexcept { return clock_; }

    /// The next character at the end of what this member wrote, as a whole y-websocket message.
    std::string type_character();
    /// The cursor behind the last character, as y-prosemirror writes it, as a whole message.
    std::string move_cursor();

private:
    std::uint64_t client_;
    std::string name_;
    std::uint64_t clock_ = 0, awareness_clock_ = 0;
};

/// `00 00 01 00`: I know nothing yet.
std::string first_message();
/// `00 01 02 00 00`: I have nothing that you lack.
std::string nothing_to_add();

} // namespace studium::load
