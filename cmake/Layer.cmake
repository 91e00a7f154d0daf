# aircheck_test(NAME SOURCES file... LIBRARIES target...)
# A program of GoogleTest cases, which ctest runs in four parts. What came of each case is in cases/ of the build folder.
function(aircheck_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE AIRCHECK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(AIRCHECK_SANITIZE)
    target_compile_options(${name} PRIVATE -O0) # compiles in half the time; what the tests call is optimised
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <expected> <ranges> <gmock/gmock.h>)
  endif()
  # In shards, not case by case: to start a sanitized program, and moto for it, takes longer than most cases do.
  set(limit 600)
  if(CMAKE_CROSSCOMPILING)
    set(limit 3600) # under an emulator
  endif()
  foreach(shard RANGE 3)
    add_test(NAME ${name}.${shard} COMMAND ${name})
    set(environment GTEST_TOTAL_SHARDS=4 GTEST_SHARD_INDEX=${shard} GTEST_BRIEF=1
                    GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/cases/${name}.${shard}.xml)
    set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT ${limit} ENVIRONMENT "${environment}")
  endforeach()
endfunction()

# aircheck_unity(NAME)
# Where AIRCHECK_UNITY is on, the library's files are compiled eight at a time: half of a build from nothing is headers. While
# working that is not wanted, for a changed file brings seven others with it, and include what they need files no longer must.
function(aircheck_unity name)
  if(AIRCHECK_UNITY)
    set_target_properties(
      ${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8
                         UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${name} PRIVATE -Wno-subobject-linkage) # a type of one file's own, but no longer of the main file
    endif()
  endif()
endfunction()

# aircheck_fuzzers(FILE..._fuzz.cpp LIBRARIES target...)
# Of each file FOO_fuzz.cpp the libFuzzer program fuzz_FOO.
function(aircheck_fuzzers)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  foreach(fuzzer ${ARG_UNPARSED_ARGUMENTS})
    get_filename_component(stem ${fuzzer} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" stem ${stem})
    add_executable(fuzz_${stem} ${fuzzer})
    target_link_libraries(fuzz_${stem} PRIVATE ${ARG_LIBRARIES})
    target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()

# aircheck_layer(NAME DEPENDS layer... LIBRARIES target...)
# One folder is one layer: every *.cpp in it becomes the library aircheck_NAME, every *_test.cpp the test program
# NAME_test, every *_fuzz.cpp a libFuzzer program, every *_bench.cpp a Google Benchmark program. Files are globbed
# because the folder is the unit; CONFIGURE_DEPENDS lets the build notice new ones. APART: never compiled in batches.
function(aircheck_layer name)
  cmake_parse_arguments(ARG "APART" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")

  list(TRANSFORM ARG_DEPENDS PREPEND aircheck_ OUTPUT_VARIABLE layers)
  if(sources)
    add_library(aircheck_${name} STATIC ${sources})
    target_link_libraries(aircheck_${name} PUBLIC ${layers} ${AIRCHECK_FMT} PRIVATE ${ARG_LIBRARIES})
    target_include_directories(aircheck_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    if(NOT ARG_APART)
      aircheck_unity(aircheck_${name})
    endif()
  else()
    add_library(aircheck_${name} INTERFACE)
    target_link_libraries(aircheck_${name} INTERFACE ${layers} ${AIRCHECK_FMT})
    target_include_directories(aircheck_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
  endif()

  if(AIRCHECK_TESTS AND tests)
    aircheck_test(${name}_test SOURCES ${tests} LIBRARIES aircheck_${name} ${ARG_LIBRARIES} ${ARG_TEST_LIBRARIES})
  endif()
  if(AIRCHECK_FUZZ)
    aircheck_fuzzers(${fuzzers} LIBRARIES aircheck_${name})
  endif()
  if(AIRCHECK_BENCH AND benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE aircheck_${name} benchmark::benchmark_main)
  endif()
endfunction()
