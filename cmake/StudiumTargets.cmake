# studium_library(NAME SOURCES a.cpp ... [LINKS studium_x ...] [PRIVATE_LINKS y ...])
# A folder is a target and its links are its friends: an #include that no link allows fails
# the architecture test (tests/architecture).
function(studium_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC studium_flags ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE studium_flags ${ARG_LINKS})
  endif()
endfunction()

# studium_test(NAME SOURCES a.cpp ... [LINKS ...] [LABELS unit threads] [READS_TREE])
# READS_TREE defines STUDIUM_SOURCE_DIR, the checkout's path; without it a clone elsewhere still hits ccache.
# Label a program `threads` where its tests start threads: ./test tsan runs those.
function(studium_test name)
  cmake_parse_arguments(ARG "READS_TREE" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE studium_flags ${ARG_LINKS} GTest::gtest_main)
  if(ARG_READS_TREE)
    target_compile_definitions(${name} PRIVATE STUDIUM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  endif()
  list(JOIN ARG_LABELS "+" labels) # gtest_discover_tests keeps one label only; ctest -L matches by a part of it
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${labels}" TIMEOUT 300)
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(threaded_tests ${name})
  endif()
endfunction()

# studium_fuzz(NAME [LINKS ...])
# NAME.cpp as a libFuzzer program in build/fuzz/fuzzers. Name it fuzz_X; its seeds stand in tests/fuzz/corpus/X.
function(studium_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} PRIVATE studium_flags ${ARG_LINKS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
  add_dependencies(fuzzers ${name})
endfunction()
