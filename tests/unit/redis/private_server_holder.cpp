// Holds a private server until it is killed: `private_server_holder DIRECTORY` prints the child's pid.
#include "server/redis/private_server.hpp"

#include <exception>
#include <iostream>
#include <unistd.h>

int main(int, char** argv) try {
    const studium::redis::private_server server{{.directory = argv[1]}};
    std::cout << server.pid() << std::endl;
    ::pause();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << std::endl;
    return 1;
}
