// read_message on any frame; what it hands on lies within the frame.
#include "protocol/yjs/sync.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::yjs;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view frame{reinterpret_cast<const char*>(data), size};
    const auto m = read_message(frame);
    if (!m) return 0;
    if (const auto* step = std::get_if<sync_step_2>(&*m)) {
        expect(frame.ends_with(step->update), "step 2 is the end of its frame");
        expect(read_message(write_sync_step_2(step->update)).has_value(), "step 2 survives being written");
    } else if (const auto* first = std::get_if<sync_step_1>(&*m)) {
        const auto again = write_sync_step_1(first->known);
        expect(std::get<sync_step_1>(read_message(again).value()).known == first->known, "so does step 1");
    }
    return 0;
}
