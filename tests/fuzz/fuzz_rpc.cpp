// read_request on any frame; its refusal can be written, and what it takes is within the limits it promises.
#include "protocol/rpc/messages.hpp"
#include "protocol/rpc/text.hpp"
#include "tests/fuzz/expect.hpp"

using namespace studium::rpc;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto read = read_request({reinterpret_cast<const char*>(data), size});
    if (const auto* no = std::get_if<refused>(&read)) {
        expect(!write_failure(no->id, no->why).empty(), "a refusal can be said");
        return 0;
    }
    const auto& params = std::get<request>(read).params;
    if (const auto* join = std::get_if<cohort_join>(&params)) {
        expect(code_points(join->name) >= 1 && code_points(join->name) <= 60, "a name keeps its length");
        expect(join->code.find(' ') == std::string::npos, "a code is plain");
    }
    if (const auto* message = std::get_if<messages_send>(&params))
        expect(code_points(message->text) >= 1 && code_points(message->text) <= 2000, "so does a text");
    return 0;
}
