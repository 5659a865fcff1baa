// decode_state_vector on any bytes; what it accepts comes back the same.
#include "protocol/yjs/update.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::yjs;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto known = decode_state_vector({reinterpret_cast<const char*>(data), size});
    if (!known) return 0;
    const auto again = decode_state_vector(encode_state_vector(*known));
    expect(again && *again == *known, "a state vector survives being written");
    return 0;
}
