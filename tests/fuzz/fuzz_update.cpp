// check_update on any bytes; what it accepts must be readable by everything else.
#include "protocol/yjs/update.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::yjs;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view update{reinterpret_cast<const char*>(data), size};
    const auto facts = check_update(update);
    if (!facts) return 0;
    const auto known = state_vector_of(update);
    expect(known.has_value(), "an accepted update has a state vector");
    expect(diff_update(update, {}).has_value(), "an accepted update has a diff");
    for (const auto& section : facts->sections) {
        const auto middle = section.first_clock + (section.end_clock - section.first_clock) / 2;
        const auto rest = diff_update(update, {{section.client, middle}});
        expect(rest && check_update(*rest), "a diff is accepted");
    }
    return 0;
}
