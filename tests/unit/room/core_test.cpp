// The core driven by hand, one plain case each. What happens when all of it happens at once is in
// simulation_test.
#include "server/room/core.hpp"

#include <gtest/gtest.h>

#include <map>

namespace studium::room {
namespace {

using lines = std::vector<std::string>;

struct text_state final : state {
    void load(std::string_view snapshot) override { text = snapshot; }
    void apply(position, std::string_view payload) override { text += payload; }
    std::string snapshot() override { return text; }
    std::string merge(std::span<const std::string_view> payloads) override {
        std::string all;
        for (const auto p : payloads) all += p;
        return all;
    }
    std::vector<std::string> story() override { return {text}; }
    std::string text;
};

/// Writes down what the core asks for, and answers nothing by itself.
struct surroundings final : actions {
    void append(const append_request& r) override { appends.push_back(r); }
    void read(position from, bool with_snapshot) override { reads.push_back({from, with_snapshot}); }
    void begin_epoch(std::uint64_t epoch, const std::string&, const std::string&) override {
        epochs.push_back(epoch);
    }
    void write_snapshot(position upto, std::string text) override {
        snapshots.push_back({upto, std::move(text)});
    }
    void publish(const channel_message& m) override { published.push_back(m); }
    void retry_later() override { ++retries; }
    std::uint64_t wall_clock_ms() override { return 1000; }
    void opened() override { is_open = true; }
    void stored(position, std::string_view payload, std::span<const ticket>) override {
        relayed.emplace_back(payload);
    }
    void settled(ticket who, result<position> how) override { answers.insert_or_assign(who, how); }
    void storage_changed(bool now) override { available.push_back(now); }
    void history_changed() override { ++histories; }
    void peer_joined(std::string_view node) override { joined.emplace_back(node); }
    void fleeting(std::string_view, std::string_view) override {}
    void peer_lost(std::string_view) override {}

    std::vector<append_request> appends;
    std::vector<std::pair<position, bool>> reads;
    std::vector<std::uint64_t> epochs;
    std::vector<std::pair<position, std::string>> snapshots;
    std::vector<channel_message> published;
    lines relayed, joined;
    std::map<ticket, result<position>> answers;
    std::vector<bool> available;
    int retries = 0, histories = 0;
    bool is_open = false;
};

entry change_at(std::uint64_t number, std::string origin, std::string payload) {
    return {{7, number}, entry::kind::change, std::move(origin), std::move(payload)};
}

/// A log without a snapshot, as a read sees it that found `after`.
image log_of(std::vector<entry> after, std::optional<entry> at_from = {}) {
    image seen;
    seen.exists = true;
    seen.end = after.empty() ? at_from.value_or(entry{}).at : after.back().at;
    seen.at_from = std::move(at_from);
    seen.after = std::move(after);
    return seen;
}

/// A room on node "a" whose log has begun epoch 7 and holds nothing else.
struct room {
    explicit room(bool commuting, std::size_t snapshot_after = 500)
        : it{settings{.commuting = commuting, .node = "a", .snapshot_after_entries = snapshot_after}, held,
             out} {
        it.link_up();
        it.read_done(log_of({begun}));
    }
    void submit_text(ticket who, const std::string& text) { it.submit(who, text); }
    /// Its event tells what was there when it was decided.
    void submit_decision(ticket who) {
        it.submit(who, [this](position) -> result<lines> {
            return lines{"[" + std::to_string(held.text.size()) + "]"};
        });
    }
    void store_newest(std::uint64_t number) { it.appended(out.appends.back().number, {{7, number}}); }

    const entry begun{{7, 0}, entry::kind::epoch, "z.1", {}};
    text_state held;
    surroundings out;
    core it;
};

TEST(Core, OpensFromSnapshotThenTail) {
    text_state held;
    surroundings out;
    core it{settings{.commuting = true, .node = "a"}, held, out};
    it.link_up();
    EXPECT_FALSE(it.live());
    it.read_done({.exists = true,
                  .end = {7, 6},
                  .snapshot_at = position{7, 5},
                  .snapshot = "old ",
                  .at_from = change_at(5, "b.1", "d "),
                  .after = {change_at(6, "b.2", "new")}});
    EXPECT_TRUE(out.is_open);
    EXPECT_TRUE(it.live());
    EXPECT_EQ(held.text, "old new");
    EXPECT_EQ(it.end(), (position{7, 6}));
}

TEST(Core, BeginsAnEpochWhereThereIsNoLogAndWaitsWhereItMayNot) {
    text_state held;
    surroundings out;
    core it{settings{.commuting = true, .node = "a"}, held, out};
    it.link_up();
    it.read_done({});
    EXPECT_EQ(out.epochs, std::vector<std::uint64_t>{1000});
    it.epoch_begun(false); // Redis takes no writes
    it.read_done({});
    EXPECT_EQ(out.epochs.size(), 1U);
    EXPECT_EQ(out.retries, 1);
    it.retry();
    it.read_done({});
    EXPECT_EQ(out.epochs.size(), 2U);
}

TEST(Core, GathersWhileAnAppendIsInFlight) {
    room r{true};
    r.submit_text(1, "a");
    r.submit_text(2, "b");
    r.submit_text(3, "c");
    ASSERT_EQ(r.out.appends.size(), 1U);
    EXPECT_EQ(r.it.pending_bytes(), 3U);
    r.store_newest(1);
    ASSERT_EQ(r.out.appends.size(), 2U);
    EXPECT_EQ(r.out.appends[1].changes.front().payload, "bc");
    r.store_newest(2);
    EXPECT_EQ(r.it.pending_bytes(), 0U);
    EXPECT_EQ(r.out.answers.size(), 3U);
}

TEST(Core, RelaysOnlyWhatTheLogHasAcknowledged) {
    for (const bool commuting : {true, false}) {
        room r{commuting};
        r.it.heard({channel_message::kind::hello, "b", {7, 0}, {}, {}});
        r.out.published.clear();
        commuting ? r.submit_text(1, "a") : r.submit_decision(1);
        EXPECT_TRUE(r.out.relayed.empty() && r.out.answers.empty() && r.out.published.empty());
        r.store_newest(1);
        EXPECT_EQ(r.out.relayed.size(), 1U);
        ASSERT_TRUE(r.out.answers.contains(1));
        EXPECT_EQ(r.out.answers.at(1).value(), (position{7, 1}));
        ASSERT_EQ(r.out.published.size(), 1U);
        EXPECT_EQ(r.out.published[0].what, channel_message::kind::entry);
    }
}

TEST(Core, SeveralEventsOfOneAppendAreReadByPeersAndNotToldOneByOne) {
    room r{false};
    r.it.heard({channel_message::kind::hello, "b", {7, 0}, {}, {}});
    r.out.published.clear();
    r.it.submit(1, [](position) -> result<lines> { return lines{"x", "y"}; });
    r.it.appended(r.out.appends.back().number, {{7, 1}, {7, 2}});
    ASSERT_EQ(r.out.published.size(), 1U);
    EXPECT_EQ(r.out.published[0].what, channel_message::kind::at);
    EXPECT_EQ(r.out.published[0].at, (position{7, 2}));
}

TEST(Core, DecidesAgainWhatWasDecidedBeforeOthersWrote) {
    room r{false};
    r.submit_decision(1);
    EXPECT_EQ(r.out.appends.back().changes.front().payload, "[0]");
    r.it.append_failed(r.out.appends.back().number, errc::conflict);
    ASSERT_EQ(r.out.reads.back(), (std::pair{position{7, 0}, true}));
    r.it.read_done(log_of({r.begun, change_at(1, "b.1", "theirs")}));
    ASSERT_EQ(r.out.appends.size(), 2U);
    EXPECT_EQ(r.out.appends[1].expected, (position{7, 1}));
    EXPECT_EQ(r.out.appends[1].changes.front().payload, "[6]");
    EXPECT_EQ(r.out.relayed, lines{"theirs"});
    EXPECT_TRUE(r.out.answers.empty());
}

TEST(Core, ADecisionThatHadArrivedIsNotMadeAgain) {
    room r{false};
    r.submit_decision(1);
    const auto sent = r.out.appends.back();
    r.it.append_failed(sent.number, errc::conflict);
    const auto& [origin, payload] = sent.changes.front();
    r.it.read_done(log_of({r.begun, change_at(1, origin, payload), change_at(2, "b.1", "x")}));
    EXPECT_EQ(r.out.appends.size(), 1U);
    EXPECT_TRUE(r.out.answers.at(1).has_value());
    EXPECT_TRUE(r.it.idle());
    EXPECT_EQ(r.it.pending_bytes(), 0U);
}

TEST(Core, ARefusedDecisionAndAQuestionAreAnsweredWithoutTheLog) {
    room r{false};
    r.it.submit(1, [](position) -> result<lines> { return errc::forbidden; });
    r.it.submit(2, [](position) -> result<lines> { return lines{}; });
    EXPECT_EQ(r.out.answers.at(1).error(), errc::forbidden);
    EXPECT_TRUE(r.out.answers.at(2).has_value());
    EXPECT_TRUE(r.out.appends.empty());
    EXPECT_EQ(r.it.pending_bytes(), 0U);
}

TEST(Core, AGapIsReadAndFollowedInOrder) {
    room r{true};
    r.it.heard({channel_message::kind::entry, "b", {7, 1}, "b.1", "1"});
    EXPECT_EQ(r.out.relayed, lines{"1"});
    r.it.heard({channel_message::kind::entry, "b", {7, 3}, "b.3", "3"});
    EXPECT_EQ(r.out.relayed, lines{"1"});
    ASSERT_EQ(r.out.reads.back(), (std::pair{position{7, 1}, false}));
    r.it.heard({channel_message::kind::entry, "b", {7, 4}, "b.4", "4"}); // perhaps after that read
    r.it.read_done(log_of({change_at(2, "b.2", "2"), change_at(3, "b.3", "3")}, change_at(1, "b.1", "1")));
    EXPECT_EQ(r.out.relayed, (lines{"1", "2", "3"}));
    ASSERT_EQ(r.out.reads.back(), (std::pair{position{7, 3}, false}));
    r.it.read_done(log_of({change_at(4, "b.4", "4")}, change_at(3, "b.3", "3")));
    EXPECT_EQ(r.out.relayed, (lines{"1", "2", "3", "4"}));
    EXPECT_TRUE(r.it.idle());
}

TEST(Core, AfterALostLinkTheSameIsSentAgain) {
    for (const bool commuting : {true, false}) {
        room r{commuting};
        commuting ? r.submit_text(1, "a") : r.submit_decision(1);
        r.it.link_down();
        EXPECT_FALSE(r.it.storage_available());
        r.it.link_up();
        r.it.read_done(log_of({}, r.begun));
        ASSERT_EQ(r.out.appends.size(), 2U);
        EXPECT_EQ(r.out.appends[1].changes.front().payload, r.out.appends[0].changes.front().payload);
        r.store_newest(1);
        EXPECT_EQ(r.out.answers.size(), 1U);
        EXPECT_TRUE(r.it.storage_available());
    }
}

TEST(Core, AfterALostLinkWhatHadArrivedIsRecognised) {
    for (const bool commuting : {true, false}) {
        room r{commuting};
        commuting ? r.submit_text(1, "a") : r.submit_decision(1);
        const auto sent = r.out.appends.back().changes.front();
        r.it.link_down();
        r.it.link_up();
        r.it.read_done(
            log_of({change_at(1, sent.origin, sent.payload), change_at(2, "b.1", "theirs")}, r.begun));
        EXPECT_EQ(r.out.appends.size(), 1U);
        EXPECT_EQ(r.out.relayed, (lines{sent.payload, "theirs"}));
        EXPECT_EQ(r.out.answers.at(1).value(), (position{7, 1}));
    }
}

TEST(Core, WhileTheStoreIsAwayDecisionsAreRefusedAndEditsWaitUpToABound) {
    room checked{false};
    checked.it.link_down();
    checked.submit_decision(1);
    EXPECT_EQ(checked.out.answers.at(1).error(), errc::store_unavailable);

    text_state held;
    surroundings out;
    core it{settings{.commuting = true, .node = "a", .max_pending_bytes = 2}, held, out};
    for (const ticket who : {1U, 2U, 3U}) it.submit(who, "a");
    EXPECT_EQ(it.pending_bytes(), 2U);
    ASSERT_EQ(out.answers.size(), 1U);
    EXPECT_EQ(out.answers.at(3).error(), errc::store_unavailable);
}

TEST(Core, AStoreThatRefusesWritesIsUnavailableUntilItTakesOne) {
    room r{true};
    r.submit_text(1, "a");
    for (int i = 0; i < 3; ++i) {
        r.it.append_failed(r.out.appends.back().number, errc::store_unavailable);
        EXPECT_EQ(r.out.retries, i + 1);
        r.it.retry();
        r.it.read_done(log_of({}, r.begun));
    }
    EXPECT_EQ(r.out.available, (std::vector<bool>{true, false})); // told once, and not at each try
    r.store_newest(1);
    EXPECT_TRUE(r.it.storage_available());
}

TEST(Core, ASnapshotIsOfTheLastPositionAndNamesItsAuthors) {
    room r{false, 2};
    r.submit_decision(1);
    r.store_newest(1);
    EXPECT_TRUE(r.out.snapshots.empty());
    r.it.heard({channel_message::kind::entry, "b", {7, 2}, "b.4", "theirs"});
    ASSERT_EQ(r.out.snapshots.size(), 1U);
    EXPECT_EQ(r.out.snapshots[0].first, (position{7, 2}));
    EXPECT_EQ(r.out.snapshots[0].second, r.out.appends[0].changes[0].origin + " b.4\n[0]theirs");
    EXPECT_FALSE(r.it.idle());
    r.it.snapshot_written({7, 2}, true);
    EXPECT_TRUE(r.it.idle());
}

TEST(Core, AnUnknownPeerLearnsWhereWeAre) {
    room r{true};
    r.it.heard({channel_message::kind::hello, "b", {}, {}, {}});
    EXPECT_EQ(r.out.joined, lines{"b"});
    ASSERT_EQ(r.out.published.size(), 1U);
    EXPECT_EQ(r.out.published[0].what, channel_message::kind::at);
    EXPECT_EQ(r.out.published[0].at, (position{7, 0}));
    r.it.heard({channel_message::kind::at, "b", {7, 5}, {}, {}});
    EXPECT_EQ(r.out.reads.back(), (std::pair{position{7, 0}, false})) << "it knows more than we do";
}

TEST(Core, WhatACheckedLogLostIsSaidAgainUnderItsOldName) {
    room r{false};
    r.it.heard({channel_message::kind::entry, "b", {7, 1}, "b.1", "kept "});
    r.it.heard({channel_message::kind::entry, "b", {7, 2}, "b.2", "lost "});
    r.it.link_down();
    r.it.link_up();
    auto shorter = log_of({});
    shorter.end = {7, 1};
    r.it.read_done(shorter);
    ASSERT_EQ(r.out.epochs, std::vector<std::uint64_t>{1000});
    r.it.epoch_begun(true);
    const entry anew{{1000, 0}, entry::kind::epoch, "a.1", {}};
    r.it.read_done(log_of({r.begun, change_at(1, "b.1", "kept "), anew}));
    EXPECT_EQ(r.out.histories, 1);
    ASSERT_EQ(r.out.appends.size(), 1U);
    ASSERT_EQ(r.out.appends[0].changes.size(), 1U);
    EXPECT_EQ(r.out.appends[0].changes[0].payload, "lost ");
    EXPECT_TRUE(r.out.appends[0].changes[0].origin.starts_with("b.2 ~a."));
    EXPECT_EQ(r.out.appends[0].expected, anew.at);
}

TEST(Authors, CoverWhatTheyHoldAndWhatWasBeforeIt) {
    authors some;
    some.note("a.3 b.1 ~c.9");
    EXPECT_TRUE(some.cover("a.2"));
    EXPECT_TRUE(some.cover("b.1 a.3 ~x.1"));
    EXPECT_FALSE(some.cover("a.3 b.2"));
    EXPECT_FALSE(some.cover("c.1")) << "a mark names nothing";
    EXPECT_EQ(some.origin(), "a.3 b.1");
    some.note("a.1");
    EXPECT_EQ(some.origin(), "b.1 a.3") << "the newest stays, the one noted last stands last";
    authors all;
    all.note(some.origin());
    EXPECT_TRUE(all.cover(some));
    all.note("d.1");
    EXPECT_FALSE(some.cover(all));
}

TEST(Authors, AreTheNewest256) {
    authors many;
    for (int i = 0; i < 300; ++i) many.note("n" + std::to_string(i) + ".1");
    EXPECT_FALSE(many.cover("n43.1"));
    EXPECT_TRUE(many.cover("n44.1"));
}

} // namespace
} // namespace studium::room
