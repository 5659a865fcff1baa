// One HTTP connection, until it ends or becomes a WebSocket.
#pragma once

#include "server/edge/connection_table.hpp"
#include "server/edge/tcp.hpp"

#include <memory>

namespace studium::edge {

class shard;

/// Serves requests until the connection ends; one without a place is answered 503 before it has sent
/// anything. Call on the shard's worker.
void start_http_session(std::shared_ptr<shard>, tcp_socket, connection_table::place);

} // namespace studium::edge
