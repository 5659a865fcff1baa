// RESP2, the protocol of Redis (https://redis.io/docs/reference/protocol-spec): commands to bytes, bytes to
// replies.
#pragma once

#include "server/redis/reply.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct redisReader;

namespace studium::redis {

/// The head of an array of `count` bulk strings, which follow by append_bulk.
void append_array_head(std::string& out, std::size_t count);
void append_bulk(std::string& out, std::string_view text);
void append_command(std::string& out, std::span<const std::string_view> arguments);

/// Reads replies from bytes as they come, by hiredis' reader, which builds our values in place.
class reply_reader {
public:
    reply_reader();
    ~reply_reader();
    reply_reader(const reply_reader&) = delete;
    reply_reader& operator=(const reply_reader&) = delete;

    void feed(std::string_view bytes);
    /// The next whole reply; nothing where more bytes are needed, or after the first malformed byte.
    std::optional<reply> next();
    /// What was malformed; empty while nothing was.
    std::string_view error() const noexcept;

private:
    struct builder;
    struct closer {
        void operator()(redisReader*) const noexcept;
    };
    reply root_;
    std::unique_ptr<redisReader, closer> reader_;
};

} // namespace studium::redis
