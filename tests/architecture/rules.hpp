// Reads every #include against the house.
#pragma once

#include "tests/architecture/house.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace studium::architecture {

struct source {
    std::string path; // from the repository's root, with '/'
    std::string text;
};

/// All C++ files under protocol/, server/ and load-tests/ of the checkout.
std::vector<source> read_sources(const std::filesystem::path& root);

/// One line per breach, "path:line: what is wrong", in the order of the sources; empty where all is as drawn.
std::vector<std::string> breaches(const house&, const std::vector<source>&);

/// Folders that can reach themselves over drawn arrows; a house has none.
std::vector<std::string> circles(const house&);

} // namespace studium::architecture
