#include "server/edge/outbox.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace studium::edge {

namespace {
constexpr std::size_t max_pieces_in_a_call = 64;
constexpr std::size_t kept_capacity = 8; // pieces: enough for a room's usual turn
} // namespace

void outbox::push(websocket::shared_frame frame) {
    const auto wire = frame->wire();
    add(std::move(frame), wire);
}

void outbox::push_bytes(std::string bytes) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    const std::string_view view{*owner};
    add(std::move(owner), view);
}

void outbox::push_static(std::string_view bytes) { add(nullptr, bytes); }

void outbox::add(std::shared_ptr<const void> owner, std::string_view bytes) {
    if (sealed_ || bytes.empty()) return;
    bytes_ += bytes.size();
    pieces_.push_back({std::move(owner), bytes});
}

outbox::written outbox::write_to(int descriptor) {
    written so_far{state::empty, 0, 0};
    while (bytes_ != 0) {
        std::array<iovec, max_pieces_in_a_call> parts;
        const auto count = std::min(pieces_.size() - first_, parts.size());
        std::size_t offered = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto part = pieces_[first_ + i].bytes.substr(i == 0 ? offset_ : 0);
            parts[i] = {const_cast<char*>(part.data()), part.size()}; // sendmsg() only reads them
            offered += part.size();
        }
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        const auto sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        ++so_far.calls;
        if (sent < 0) {
            if (errno == EINTR) continue;
            so_far.now = errno == EAGAIN || errno == EWOULDBLOCK ? state::blocked : state::broken;
            return so_far;
        }
        so_far.bytes += static_cast<std::size_t>(sent);
        took(static_cast<std::size_t>(sent));
        if (static_cast<std::size_t>(sent) < offered) {
            so_far.now = state::blocked;
            return so_far;
        }
    }
    return so_far;
}

void outbox::took(std::size_t bytes) {
    bytes_ -= bytes;
    while (bytes != 0) {
        const auto rest = pieces_[first_].bytes.size() - offset_;
        if (bytes < rest) {
            offset_ += bytes;
            break;
        }
        bytes -= rest;
        offset_ = 0;
        pieces_[first_++] = {};
    }
    if (first_ == pieces_.size()) {
        pieces_.clear();
        first_ = 0;
        if (pieces_.capacity() > 64) shrink();
    } else if (first_ >= 64 && first_ * 2 >= pieces_.size()) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

void outbox::drop_unsent() {
    const auto kept = first_ + (offset_ != 0 ? 1U : 0U);
    pieces_.resize(std::min(kept, pieces_.size()));
    bytes_ = offset_ != 0 ? pieces_[first_].bytes.size() - offset_ : 0;
}

void outbox::clear() {
    pieces_ = {};
    first_ = offset_ = bytes_ = 0;
    sealed_ = true;
}

void outbox::shrink() {
    if (!pieces_.empty() || pieces_.capacity() <= kept_capacity) return;
    pieces_ = {};
}

} // namespace studium::edge
