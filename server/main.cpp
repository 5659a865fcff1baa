#include "server/app/application.hpp"
#include "server/app/configuration.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    auto read = studium::app::read_configuration(argc, argv);
    if (const auto* leave = std::get_if<studium::app::leave>(&read)) {
        std::fputs(leave->text.c_str(), leave->status == 0 ? stdout : stderr);
        return leave->status;
    }
    try {
        return studium::app::application{std::get<studium::app::configuration>(std::move(read))}.run();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "studium: %s\n", e.what());
        return 1;
    }
}
