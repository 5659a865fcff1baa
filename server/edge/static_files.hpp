// The built web client, in memory. A request is looked up among the files that were there at start, so no
// path leads anywhere else.
#pragma once

#include "server/edge/http.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace studium::edge {

class static_files {
public:
    /// Reads every regular file below `root` (no symbolic links); an empty root means none. Throws
    /// std::system_error or std::runtime_error where it cannot be read.
    static_files(const std::filesystem::path& root, std::vector<std::string> client_paths,
                 std::string policy);

    struct answer {
        http_response head;                      // without body
        std::shared_ptr<const std::string> body; // nullptr: none (304)
    };
    /// Nothing where no such file exists.
    std::optional<answer> find(const http_request&) const;

private:
    struct file {
        std::shared_ptr<const std::string> plain, gzip; // gzip: nullptr where there is no such sibling
        std::string content_type, tag;
        bool immutable;
    };
    const file* at(const std::string& path) const;

    std::map<std::string, file> files_; // by request path, "/assets/app-1a2b.js"
    std::vector<std::string> client_paths_;
    std::string policy_;
};

} // namespace studium::edge
