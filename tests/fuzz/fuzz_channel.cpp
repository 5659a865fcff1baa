// read_channel_message on any bytes; what it takes is written as it was read.
#include "server/room/channel.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::room;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto read = read_channel_message({reinterpret_cast<const char*>(data), size});
    if (!read) return 0;
    const auto again = read_channel_message(write_channel_message(*read));
    expect(again && again->what == read->what && again->node == read->node && again->at == read->at &&
               again->origin == read->origin && again->payload == read->payload,
           "a message survives being written");
    return 0;
}
