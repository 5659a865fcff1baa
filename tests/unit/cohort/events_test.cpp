#include "server/cohort/events.hpp"

#include <gtest/gtest.h>

namespace studium::cohort {
namespace {

TEST(Events, WhatIsWrittenIsReadAndWrittenTheSame) {
    const std::vector<event> all{
        created{"Rivers"},
        school_added{{school_id{"s"}, "Colegio"}},
        group_created{group_id{"g"}, "Condor", workspace_id{"w"}, 6},
        enrolled{person_id{"p"}, "Ana", rpc::role::student, school_id{"s"}, group_id{"g"}},
        enrolled{person_id{"t"}, "Ms Rojas", rpc::role::teacher, school_id{"s"}, std::nullopt},
        joined{person_id{"p"}},
        time_zone_said{person_id{"p"}, "America/Bogota"},
        left{person_id{"p"}},
        message_posted{"m", person_id{"p"}, group_id{"g"}, "¡hola! 😀\n", 1763760000000},
    };
    for (const auto& e : all) {
        const auto text = write_event(e);
        const auto read = read_event(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->index(), e.index());
        EXPECT_EQ(write_event(*read), text);
        EXPECT_EQ(text.find('\n'), std::string::npos) << "a snapshot is one event a line";
    }
}

TEST(Events, WhatIsNoneIsNothing) {
    for (const auto* text :
         {"", "{}", "[]", R"({"t":"unknown"})", R"({"t":"joined"})", R"({"t":"joined","person":7})"})
        EXPECT_FALSE(read_event(text)) << text;
}

} // namespace
} // namespace studium::cohort
