#pragma once
// For tests: a process to die in, and what a file holds. Single-threaded.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/scratch_testing.hpp"

namespace aircheck::files {

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Runs `body` in a process that is then killed, while what it returned still lives. False when an expectation failed in it.
template <class Body>
bool die_after(Body&& body) {
  const auto child = ::fork();
  if (child == 0) {
    const auto alive = body();
    if (testing::Test::HasFailure()) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace aircheck::files
