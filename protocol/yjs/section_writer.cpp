#include "protocol/yjs/section_writer.hpp"

namespace studium::yjs {
namespace {

bool may_be_continued(content_ref ref) noexcept {
    return ref == content_ref::gc || ref == content_ref::deleted || ref == content_ref::string;
}

std::string_view text_of(const struct_view& s) {
    reader in{s.content()};
    return in.var_bytes();
}

} // namespace

void section_writer::start(std::uint64_t client) {
    client_ = client;
    structs_ = 0;
    body_.clear();
}

void section_writer::put(const struct_view& s) {
    if (structs_ == 0) {
        first_clock_ = s.clock;
    } else if (s.clock > end_) {
        write_held();
        body_.push_back(static_cast<char>(content_ref::skip));
        write_var_uint(body_, s.clock - end_);
        ++structs_;
    }
    end_ = s.end();
    if (how_ == neighbours::keep || !may_be_continued(s.ref())) {
        write_held();
        return write(s);
    }
    const auto origins = origins_of(s);
    if (!continues_last(s, origins)) {
        write_held();
        return hold(s, origins);
    }
    held_length_ += s.length;
    if (s.ref() == content_ref::string) held_text_.push_back(text_of(s));
}

/// What Yjs asks of two items before it joins them: the right one was typed directly behind the left one and
/// in front of the same unit.
bool section_writer::continues_last(const struct_view& s, const struct_origins& origins) const {
    if (!held_ || held_->ref() != s.ref()) return false;
    if (s.ref() == content_ref::gc) return true;
    return origins.left == unit_id{client_, s.clock - 1} && origins.right == held_right_;
}

void section_writer::hold(const struct_view& s, const struct_origins& origins) {
    ++structs_;
    held_ = s;
    held_right_ = origins.right;
    held_length_ = s.length;
    held_text_.clear();
    if (s.ref() == content_ref::string) held_text_.push_back(text_of(s));
}

void section_writer::write_held() {
    if (!held_) return;
    body_.push_back(static_cast<char>(rewritten_info(held_->info())));
    body_.append(held_->bytes.substr(1, held_->content_at - 1));
    if (held_->ref() == content_ref::string) {
        std::size_t size = 0;
        for (const auto text : held_text_) size += text.size();
        write_var_uint(body_, size);
        for (const auto text : held_text_) body_.append(text);
    } else {
        write_var_uint(body_, held_length_);
    }
    held_.reset();
}

void section_writer::write(const struct_view& s) {
    ++structs_;
    body_.push_back(static_cast<char>(rewritten_info(s.info())));
    body_.append(s.bytes.substr(1));
}

bool section_writer::finish(std::string& out) {
    write_held();
    if (structs_ == 0) return false;
    write_var_uint(out, structs_);
    write_var_uint(out, client_);
    write_var_uint(out, first_clock_);
    out.append(body_);
    return true;
}

} // namespace studium::yjs
