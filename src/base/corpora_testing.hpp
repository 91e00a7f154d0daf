#pragma once
// The fuzzers' corpora as plain tests: what is named bad_* is refused, everything else is read.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

namespace aircheck {

/// `read` gets each file of tests/corpora/<corpus> and its name without ending, and tells whether it could be read.
inline void for_each_in(std::string_view corpus,
                        const std::function<bool(std::string_view text, const std::string& name)>& read) {
  const auto folder = std::filesystem::path(AIRCHECK_SOURCE_DIR) / "tests/corpora" / corpus;
  int good = 0, bad = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto name = file.path().stem().string();
    const bool refused = name.starts_with("bad_");
    EXPECT_EQ(read(text, name), !refused) << file.path();
    ++(refused ? bad : good);
  }
  EXPECT_GT(good, 0) << corpus;
  EXPECT_GT(bad, 0) << corpus;
}

}  // namespace aircheck
