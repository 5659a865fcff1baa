// Two updates (the first's size in two bytes, then both) merged: order and repetition must not matter.
#include "protocol/yjs/update_store.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::yjs;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view both{reinterpret_cast<const char*>(data) + 2, size - 2};
    const auto cut = std::min<std::size_t>(static_cast<std::size_t>(data[0]) << 8 | data[1], both.size());
    const auto a = both.substr(0, cut), b = both.substr(cut);
    if (!check_update(a) || !check_update(b)) return 0;
    const std::string_view one[] = {a, b}, other[] = {b, a};
    const auto merged = merge_updates(one);
    expect(merged && merge_updates(other) == merged, "the order does not matter");
    const std::string_view again[] = {*merged, a};
    const auto twice = merge_updates(again);
    expect(twice && state_vector_of(*twice) == state_vector_of(*merged), "what is known adds nothing");
    const auto joined = merge_updates(one, neighbours::join);
    expect(joined && joined->size() <= merged->size(), "joining does not make it larger");
    expect(state_vector_of(*joined) == state_vector_of(*merged), "joined, it covers the same");
    return 0;
}
