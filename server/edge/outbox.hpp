// The one output queue of a WebSocket: shared frames and control bytes, in order, written with one
// system call for as many of them as the kernel takes.
#pragma once

#include "protocol/websocket/frame.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace studium::edge {

class outbox {
public:
    /// Queues a frame: one more reference, no copy. Ignored once the queue is sealed.
    void push(websocket::shared_frame);
    /// Queues whole frames that are not shared: a pong, a close, the handshake's answer.
    void push_bytes(std::string);
    /// Queues bytes that live for ever.
    void push_static(std::string_view);

    /// Nothing is queued any more: a close frame was the last (RFC 6455, section 5.5.1).
    void seal() noexcept { sealed_ = true; }
    bool sealed() const noexcept { return sealed_; }

    /// Whether `size` more bytes respect `limit`. The frame that is on its way does not count, however large,
    /// and an empty queue takes any one: a document over the limit could not be opened on a slow line
    /// otherwise.
    bool fits(std::size_t size, std::size_t limit) const noexcept {
        if (bytes_ == 0) return true;
        const auto waiting = bytes_ - (pieces_[first_].bytes.size() - offset_);
        return waiting <= limit && size <= limit - waiting;
    }
    std::size_t bytes() const noexcept { return bytes_; }

    enum class state { empty, blocked, broken };
    struct written {
        state now;
        std::size_t calls, bytes;
    };
    /// Writes until all is gone or the kernel takes no more; never blocks. O(frames).
    written write_to(int descriptor);

    /// Forgets what has not begun to leave; a frame that is half out must go on.
    void drop_unsent();
    void clear();
    /// Gives unused memory back.
    void shrink();

private:
    struct piece {
        std::shared_ptr<const void> owner; // empty for static bytes
        std::string_view bytes;
    };
    void add(std::shared_ptr<const void> owner, std::string_view bytes);
    void took(std::size_t bytes);

    std::vector<piece> pieces_;
    std::size_t first_ = 0;  // of pieces_: those before it are gone
    std::size_t offset_ = 0; // bytes of pieces_[first_] that are gone
    std::size_t bytes_ = 0;
    bool sealed_ = false;
};

} // namespace studium::edge
