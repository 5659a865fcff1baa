// How channel messages look between nodes. Both ends are ours; it is read strictly all the same.
#pragma once

#include "server/room/core.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace studium::room {

std::string write_channel_message(const channel_message&);
/// Nothing where the bytes are no such message.
std::optional<channel_message> read_channel_message(std::string_view bytes);

} // namespace studium::room
