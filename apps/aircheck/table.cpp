#include "aircheck/table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace aircheck::apps {
namespace {

constexpr std::size_t kBetween = 2;     // blanks between columns
constexpr std::size_t kLeastWidth = 8;  // of a shortened column

}  // namespace

void Table::add(std::vector<Cell> row) {
  for (auto& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths(std::size_t total) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  std::size_t used = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) continue;  // nothing in it: left out
    widths[i] = std::max(widths[i], display_width(columns_[i].title));
    used += widths[i] + kBetween;
  }
  // The widest flexible column gives way first.
  for (auto over = used > total + kBetween ? used - total - kBetween : 0; over > 0; --over) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].flexible && widths[i] > kLeastWidth && (widest == columns_.size() || widths[i] > widths[widest]))
        widest = i;
    if (widest == columns_.size()) break;
    --widths[widest];
  }
  return widths;
}

std::string Table::line(const std::vector<Cell>& row, const std::vector<std::size_t>& widths, bool colours) const {
  std::string line;
  std::size_t pending = 0;  // blanks, so that none stand at the end
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (widths[i] == 0) continue;
    const auto text = shorten(row[i].text, widths[i]);
    const auto room = widths[i] - std::min(widths[i], display_width(text));
    if (columns_[i].right) pending += room;
    if (!text.empty()) line += std::string(std::exchange(pending, 0), ' ') + styled(text, row[i].style, colours);
    pending += (columns_[i].right ? 0 : room) + kBetween;
  }
  return line + "\n";
}

std::string Table::render(std::size_t width, bool colours) const {
  const auto fitted = widths(width);
  std::vector<Cell> heading;
  heading.reserve(columns_.size());
  for (const auto& column : columns_) heading.push_back({column.title, Style::dim});
  std::string text = line(heading, fitted, colours);
  for (const auto& row : rows_) text += line(row, fitted, colours);
  return text;
}

}  // namespace aircheck::apps
