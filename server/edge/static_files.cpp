#include "server/edge/static_files.hpp"

#include "server/edge/request_checks.hpp"
#include "server/edge/router.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace studium::edge {

namespace {

constexpr std::string_view index_page = "/index.html";

std::string content_type_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 19> types{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
        {".avif", "image/avif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
    }};
    const auto it =
        std::find_if(types.begin(), types.end(), [&](const auto& t) { return name.ends_with(t.first); });
    return std::string{it == types.end() ? "application/octet-stream" : it->second};
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (!in) throw std::runtime_error{"cannot read " + path.string()};
    return bytes;
}

/// FNV-1a, 64 bits: a name for the content, not a proof of it.
std::string tag_of(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
    return text.data();
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
    return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

} // namespace

static_files::static_files(const std::filesystem::path& root, std::vector<std::string> client_paths,
                           std::string policy)
    : client_paths_{std::move(client_paths)}, policy_{std::move(policy)} {
    if (root.empty()) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root}) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        const auto path = "/" + entry.path().lexically_relative(root).generic_string();
        auto bytes = std::make_shared<const std::string>(read_file(entry.path()));
        auto tag = tag_of(*bytes);
        files_[path] = {std::move(bytes), nullptr, content_type_of(path), std::move(tag),
                        path.starts_with("/assets/")};
    }
    for (auto& [path, file] : files_)
        if (const auto it = files_.find(path + ".gz"); it != files_.end()) file.gzip = it->second.plain;
}

const static_files::file* static_files::at(const std::string& path) const {
    if (const auto it = files_.find(path); it != files_.end()) return &it->second;
    const bool clients = std::any_of(client_paths_.begin(), client_paths_.end(),
                                     [&](const auto& pattern) { return matches(pattern, path); });
    const auto index = files_.find(std::string{index_page});
    return clients && index != files_.end() ? &index->second : nullptr;
}

std::optional<static_files::answer> static_files::find(const http_request& request) const {
    const auto* const file = at(request.path);
    if (!file) return std::nullopt;
    const bool zipped = file->gzip && accepts_gzip(request);
    const auto tag = '"' + file->tag + (zipped ? "-gz\"" : "\"");

    answer found{{}, zipped ? file->gzip : file->plain};
    found.head.content_type = file->content_type;
    auto& fields = found.head.fields;
    fields.emplace_back("ETag", tag);
    fields.emplace_back("Cache-Control",
                        file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (file->gzip) fields.emplace_back("Vary", "Accept-Encoding");
    if (zipped) fields.emplace_back("Content-Encoding", "gzip");
    if (!policy_.empty()) fields.emplace_back("Content-Security-Policy", policy_);
    if (const auto known = request.field("if-none-match"); known && names_tag(*known, tag)) {
        found.head.status = 304;
        found.body = nullptr;
    }
    return found;
}

} // namespace studium::edge
