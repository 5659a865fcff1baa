#include "protocol/collab/y_websocket.hpp"
#include "protocol/yjs/sync.hpp"
#include "tests/unit/yjs/vectors.hpp"

#include <gtest/gtest.h>

namespace studium::yjs {
namespace {

using test::bytes;
using test::field;
using test::hex;
using test::vectors;

std::string rewritten(const message& m) {
    struct {
        std::string operator()(const sync_step_1& s) { return write_sync_step_1(s.known); }
        std::string operator()(const sync_step_2& s) { return write_sync_step_2(s.update); }
        std::string operator()(const sync_update& s) { return write_sync_update(s.update); }
        std::string operator()(const awareness_message& s) { return write_awareness(s.update); }
        std::string operator()(const query_awareness&) { return "\x03"; }
        std::string operator()(const auth_message&) { return write_permission_denied("no access"); }
    } write;
    return std::visit(write, m);
}

std::vector<std::string> frames() {
    std::vector<std::string> out;
    for (const auto& vector : vectors().at("y_protocols_frames")) out.push_back(field(vector, "hex"));
    for (const auto& vector : vectors().at("awareness")) out.push_back(field(vector, "frame_y_websocket"));
    for (const auto& line : vectors().at("y_websocket_session"))
        if (line.contains("hex")) out.push_back(field(line, "hex"));
    return out;
}

TEST(Sync, ReadsAndWritesEveryFrameOfTheVectors) {
    for (const auto& frame : frames()) {
        const auto in = bytes(frame);
        const auto m = read_message(in);
        ASSERT_TRUE(m) << frame;
        EXPECT_EQ(hex(rewritten(*m)), frame);
    }
}

TEST(Sync, RefusesEveryFrameCutShortOrWithMoreBehindIt) {
    for (const auto& frame : frames()) {
        const auto whole = bytes(frame);
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_FALSE(read_message(std::string_view{whole}.substr(0, size)))
                << frame << " cut at " << size;
        EXPECT_FALSE(read_message(whole + '\0')) << frame;
    }
}

TEST(Sync, TellsTheStepsApart) {
    const auto step1 = bytes("00000602c801036406");
    EXPECT_EQ(std::get<sync_step_1>(read_message(step1).value()).known, (state_vector{{100, 6}, {200, 3}}));
    const auto step2 = bytes("0001020000");
    EXPECT_EQ(std::get<sync_step_2>(read_message(step2).value()).update, empty_update);
    const auto update = bytes("00020a01010101840100016200");
    EXPECT_EQ(std::get<sync_update>(read_message(update).value()).update.size(), 10U);
}

TEST(Sync, RefusesWhatItDoesNotKnow) {
    for (const std::string_view bad : {"04", "40", "7f", "000300", "00ff0100", "000002010100", "020100",
                                       "0200 02 c328", "8080808080808010"})
        EXPECT_FALSE(read_message(bytes(bad))) << bad;
}

TEST(YWebsocket, WritesItsOwnMessages) {
    EXPECT_EQ(hex(collab::write_stored(300)), "40ac02");
    EXPECT_EQ(hex(collab::write_storage(true)), "4101");
    EXPECT_EQ(hex(collab::write_storage(false)), "4100");
}

} // namespace
} // namespace studium::yjs
