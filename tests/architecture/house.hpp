// The picture of docs/design.md, section 3, as data: who may include whom, and where each library lives.
#pragma once

#include <string_view>
#include <vector>

namespace studium::architecture {

/// A folder of the house and the folders its files may include from. A trailing '*' stands for any rest.
struct room_of_house {
    std::string_view folder;
    std::vector<std::string_view> may_include;
};

/// A library, named by how its includes begin, and the files it lives in. `pattern` may hold one '*', which
/// stands for any run of characters.
struct library {
    std::string_view include_prefix;
    std::vector<std::string_view> lives_in;
};

/// A folder that shows only some headers to the rest; the others are its own affair.
struct seam {
    std::string_view folder;
    std::vector<std::string_view> shown;
};

struct house {
    std::vector<room_of_house> rooms;
    std::vector<library> libraries;
    std::vector<seam> seams;
    /// Files that only decide: values in, values out.
    std::vector<std::string_view> pure;
    /// What a pure file may not reach, itself or through a header of ours.
    std::vector<std::string_view> impure_includes;
};

/// Studium as it is drawn.
const house& studium_house();

} // namespace studium::architecture
