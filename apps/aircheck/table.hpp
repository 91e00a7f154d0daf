#pragma once
// Tables for people: columns as wide as their contents, the flexible ones shortened until the whole fits the width. A value;
// pure.

#include <string>
#include <vector>

#include "aircheck/terminal.hpp"

namespace aircheck::apps {

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;     // aligned to the right, as numbers are
    bool flexible = false;  // may be shortened
  };
  struct Cell {
    std::string text;
    Style style = Style::plain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns. Control characters in them are disarmed.
  void add(std::vector<Cell> row);
  /// Lines with a heading, each ended; columns that are empty in all rows are left out.
  std::string render(std::size_t width, bool colours) const;

 private:
  std::vector<std::size_t> widths(std::size_t total) const;
  std::string line(const std::vector<Cell>& row, const std::vector<std::size_t>& widths, bool colours) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace aircheck::apps
