// read_awareness on any bytes, and the table on what it accepts.
#include "protocol/yjs/awareness.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::yjs;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto entries = read_awareness({reinterpret_cast<const char*>(data), size});
    if (!entries) return 0;
    expect(read_awareness(write_awareness_update(*entries)).has_value(), "entries survive being written");
    awareness_table table;
    for (const auto& entry : *entries) {
        table.accept(entry);
        expect(!table.accept(entry), "the same entry twice changes nothing");
    }
    expect(table.present().size() == table.size(), "the count is right");
    awareness_entry gone;
    for (const auto& entry : *entries) table.remove(entry.client, gone);
    expect(table.size() == 0, "everyone can be removed");
    return 0;
}
