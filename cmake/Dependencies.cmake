# The program's libraries, all from Debian. Adding one is a decision to be written down in ARCHITECTURE.md.
find_package(Threads REQUIRED)
if(AIRCHECK_LAMBDA)
  set(OPENSSL_USE_STATIC_LIBS ON) # and libcurl is tools/build-lambdas's own
endif()
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_library(RE2_LIBRARY NAMES libre2.a REQUIRED) # C++, and therefore linked in, as below
set(AIRCHECK_FMT fmt::fmt)
set(AIRCHECK_SPDLOG spdlog::spdlog)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # C++ libraries are linked in: shared ones cost each recorder, a process of its own, 2 MB of pages. libgcc_s stays shared:
  # g++ 12's static one wants a glibc newer than the Lambdas' 2.34.
  add_library(aircheck_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_library.cpp)
  set(AIRCHECK_FMT aircheck_fmt)
  # Of headers only, and included in one file. Not its own target, which would bring the shared fmt along.
  add_library(aircheck_spdlog INTERFACE)
  target_compile_definitions(aircheck_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(aircheck_spdlog INTERFACE aircheck_fmt)
  set(AIRCHECK_SPDLOG aircheck_spdlog)
  add_link_options(-static-libstdc++)
endif()
if(NOT AIRCHECK_LAMBDA)
  find_package(SQLite3 REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(Boost 1.74 REQUIRED)
endif()

if(AIRCHECK_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  # Debian ships rapidcheck without a CMake package.
  find_library(RAPIDCHECK_LIBRARY rapidcheck)
  find_path(RAPIDCHECK_INCLUDE rapidcheck.h)
endif()
if(AIRCHECK_BENCH)
  find_package(benchmark REQUIRED)
endif()
