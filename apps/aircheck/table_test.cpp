#include "aircheck/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace aircheck::apps {
namespace {

Table jobs() {
  Table table({{"ID"}, {"SIZE", true}, {"TITLE", false, true}, {"NOTE"}});
  table.add({{"a1"}, {"1 B"}, {"short"}, {""}});
  table.add({{"b2"}, {"20 MB"}, {"a title that needs much room"}, {""}});
  return table;
}

TEST(Table, AlignsColumnsAndLeavesOutEmptyOnes) {
  EXPECT_EQ(jobs().render(100, false),
            "ID   SIZE  TITLE\n"
            "a1    1 B  short\n"
            "b2  20 MB  a title that needs much room\n");
}

TEST(Table, ShortensFlexibleColumnsToFit) {
  EXPECT_EQ(jobs().render(25, false),
            "ID   SIZE  TITLE\n"
            "a1    1 B  short\n"
            "b2  20 MB  a title that…\n");
}

TEST(Table, NoLineIsWiderThanTheTerminal) {
  for (std::size_t width = 20; width < 60; ++width) {
    std::istringstream lines(jobs().render(width, false));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(Table, ColoursTakeNoRoom) {
  Table table({{"A"}, {"B"}});
  table.add({{"red", Style::red}, {"x"}});
  table.add({{"longer"}, {"y"}});
  EXPECT_EQ(table.render(80, true), "\x1b[2mA\x1b[0m       \x1b[2mB\x1b[0m\n\x1b[31mred\x1b[0m     x\nlonger  y\n");
}

TEST(Table, WideCharactersKeepTheColumnsStraight) {
  Table table({{"A"}, {"B"}});
  table.add({{"東京"}, {"x"}});
  table.add({{"abcd"}, {"y"}});
  EXPECT_EQ(table.render(80, false), "A     B\n東京  x\nabcd  y\n");
}

TEST(Table, DisarmsControlCharacters) {
  Table table({{"A"}});
  table.add({{"a\x1b[2Jb\nc"}});
  EXPECT_EQ(table.render(80, false), "A\na [2Jb c\n");
}

}  // namespace
}  // namespace aircheck::apps
