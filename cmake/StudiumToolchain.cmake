# Compiler, linker and third-party libraries; everything comes from Debian's packages.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Base directory and no hash of the working directory: a fresh clone elsewhere still hits.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
find_package(spdlog REQUIRED)

# Flags of our own code. Third-party headers come in as system headers and are not judged by them.
add_library(studium_flags INTERFACE)
target_include_directories(studium_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(studium_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fstack-protector-strong)
target_compile_definitions(studium_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(studium_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(STUDIUM_SANITIZE)
  add_compile_options(-fsanitize=${STUDIUM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${STUDIUM_SANITIZE})
  if(STUDIUM_SANITIZE MATCHES "undefined")
    # UBSan's check of virtual pointers opens a pipe to look at memory: where a test has used up all descriptors it
    # cries wolf.
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()
if(STUDIUM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
