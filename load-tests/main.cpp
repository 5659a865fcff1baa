#include "load-tests/options.hpp"
#include "load-tests/scenarios.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    int exit_code = 0;
    const auto options = studium::load::read_options(argc, argv, exit_code);
    if (!options) return exit_code;
    try {
        if (options->scenario == "idle")
            studium::load::report(*options, studium::load::run_idle(*options));
        else
            studium::load::report(*options, studium::load::run_typing(*options));
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "studium-load: " << e.what() << '\n';
        return 1;
    }
}
