#pragma once
// For tests: Python programs of tests/aws, run by the project's own interpreter (build/venv, made by tools/setup).

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace aircheck::aws {

inline std::string python_program() {
  const char* chosen = std::getenv("AIRCHECK_PYTHON");
  return chosen ? chosen : AIRCHECK_SOURCE_DIR "/build/venv/bin/python3";
}

/// What `tests/aws/<arguments>` prints; throws when it fails.
inline std::string output_of_python(const std::string& arguments) {
  const auto command = python_program() + " " AIRCHECK_SOURCE_DIR "/tests/aws/" + arguments;
  auto* const pipe = ::popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string out;
  char buffer[65536];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, count);
  const int status = ::pclose(pipe);
  if (status != 0) throw std::runtime_error(command + " failed; tools/setup installs what it needs");
  return out;
}

}  // namespace aircheck::aws
