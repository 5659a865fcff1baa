// One socket on /collab/{workspace}: the y-websocket protocol, spoken to a stock provider or to our own
// client.
#pragma once

#include "server/core/socket.hpp"
#include "server/core/token_bucket.hpp"
#include "server/workspace/document.hpp"

#include <memory>
#include <string>
#include <vector>

namespace studium::workspace {

class collab_session final : public socket_handler {
public:
    /// `wants_acks`: the client asked (`?ack=1`) to be told what is stored.
    collab_session(socket&, std::shared_ptr<document>, bool wants_acks);
    ~collab_session() override;

    /// Greets the client as the stock server does: step 1, then everyone's cursors.
    void start();

    std::uint64_t number() const noexcept { return socket_.number(); }

    // From the edge.
    void on_message(websocket::opcode, std::string_view payload) override;
    void on_drained() override;
    void on_close() noexcept override;

    // From the document.
    void send(const websocket::shared_frame&);
    /// An update for this client. While it reads too slowly updates gather here and leave merged into one.
    void relay(const websocket::shared_frame&, std::string_view update);
    /// Cursors. While it reads too slowly they are left out, and all shown anew afterwards.
    void show(const websocket::shared_frame&);
    void settled(bool stored);
    void storage_changed(bool available);
    void tick();

private:
    void on_update(std::string_view update, bool may_repeat);
    void on_awareness(std::string_view update);
    void tell_stored();
    void read_or_wait();
    void merge_backlog();

    socket& socket_;
    std::shared_ptr<document> document_;
    bool wants_acks_, entered_ = false, telling_ = false, paused_ = false;
    token_bucket rate_;
    std::uint64_t stored_ = 0;          // step-2 and update frames of this socket
    std::vector<std::size_t> unstored_; // sizes of those that wait, oldest first
    std::size_t unstored_bytes_ = 0;
    std::vector<std::string> backlog_;
    std::size_t backlog_bytes_ = 0;
    bool cursors_missed_ = false;
    int silent_ticks_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace studium::workspace
