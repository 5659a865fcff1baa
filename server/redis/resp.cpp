#include "server/redis/resp.hpp"

#include <hiredis/read.h>

#include <array>
#include <charconv>
#include <new>

namespace studium::redis {

namespace {

void append_number(std::string& out, char sign, std::size_t number) {
    std::array<char, 24> text{};
    text[0] = sign;
    char* end = std::to_chars(text.data() + 1, text.data() + text.size(), number).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out.append(text.data(), end);
}

} // namespace

void append_array_head(std::string& out, std::size_t count) { append_number(out, '*', count); }

void append_bulk(std::string& out, std::string_view text) {
    append_number(out, '$', text.size());
    out.append(text);
    out.append("\r\n");
}

void append_command(std::string& out, std::span<const std::string_view> arguments) {
    append_array_head(out, arguments.size());
    for (const auto argument : arguments) append_bulk(out, argument);
}

// The hooks by which hiredis' reader builds a reply. An array is sized once, before its items are read, so
// pointers to its items hold.
struct reply_reader::builder {
    static reply& place(const redisReadTask* task) {
        if (task->parent)
            return static_cast<reply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
        auto& root = static_cast<reply_reader*>(task->privdata)->root_;
        root = reply{};
        return root;
    }
    static void* text(const redisReadTask* task, char* bytes, std::size_t length) {
        auto& out = place(task);
        out.type = task->type == REDIS_REPLY_ERROR    ? reply::kind::error
                   : task->type == REDIS_REPLY_STATUS ? reply::kind::status
                                                      : reply::kind::text;
        out.text.assign(bytes, length);
        return &out;
    }
    static void* array(const redisReadTask* task, int elements) {
        auto& out = place(task);
        out.type = reply::kind::array;
        out.items.resize(static_cast<std::size_t>(elements));
        return &out;
    }
    static void* integer(const redisReadTask* task, long long value) {
        auto& out = place(task);
        out.type = reply::kind::integer;
        out.number = value;
        return &out;
    }
    static void* nil(const redisReadTask* task) { return &place(task); }
    static void release(void*) {} // the reader owns nothing: the root is a member of reply_reader
    static inline redisReplyObjectFunctions hooks{text, array, integer, nil, release};
};

reply_reader::reply_reader() : reader_{redisReaderCreateWithFunctions(&builder::hooks)} {
    if (!reader_) throw std::bad_alloc{};
    reader_->privdata = this;
}

reply_reader::~reply_reader() = default;

void reply_reader::closer::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

void reply_reader::feed(std::string_view bytes) {
    redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::optional<reply> reply_reader::next() {
    void* whole = nullptr;
    if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK || !whole) return std::nullopt;
    return std::move(root_);
}

std::string_view reply_reader::error() const noexcept {
    return reader_->err != 0 ? std::string_view{reader_->errstr} : std::string_view{};
}

} // namespace studium::redis
