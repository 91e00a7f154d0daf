#include "aircheck/terminal.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <utility>

namespace aircheck::apps {
namespace {

constexpr std::size_t kUsualWidth = 80, kUsualHeight = 24;

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes
};

// The first code point of `text`, which is not empty; U+FFFD of one byte where it is not UTF-8.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {0xfffd, 1};
  char32_t value = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0xfffd, 1};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  return {value, length};
}

struct CodeRange {
  char32_t first, last;
};

bool in(char32_t value, std::span<const CodeRange> ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [value](const CodeRange& range) { return value >= range.first && value <= range.last; });
}

// The blocks that matter in titles, after Unicode's EastAsianWidth and general categories Mn, Me, Cf. The C library's
// wcwidth() would depend on the locale.
constexpr std::array<CodeRange, 9> kZeroWidth{{{0x0300, 0x036f},
                                               {0x0483, 0x0489},
                                               {0x0591, 0x05bd},
                                               {0x0610, 0x061a},
                                               {0x064b, 0x065f},
                                               {0x200b, 0x200f},
                                               {0x202a, 0x202e},
                                               {0x2060, 0x2069},
                                               {0xfe00, 0xfe0f}}};
constexpr std::array<CodeRange, 10> kWide{{{0x1100, 0x115f},
                                           {0x231a, 0x231b},
                                           {0x2e80, 0x303e},
                                           {0x3041, 0xa4cf},
                                           {0xac00, 0xd7a3},
                                           {0xf900, 0xfaff},
                                           {0xfe30, 0xfe6f},
                                           {0xff00, 0xff60},
                                           {0x1f300, 0x1f9ff},
                                           {0x20000, 0x3fffd}}};

std::size_t width_of(char32_t value) {
  if (value < 0x300) return 1;
  if (in(value, kZeroWidth)) return 0;
  return in(value, kWide) ? 2 : 1;
}

bool is_control(char32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || (value >= 0x202a && value <= 0x202e) ||
         (value >= 0x2066 && value <= 0x2069);
}

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "1";
    case Style::dim: return "2";
    case Style::red: return "31";
    case Style::green: return "32";
    case Style::yellow: return "33";
    case Style::blue: return "36";
  }
  return "";
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const long width = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return width > 0 && width < 10'000 ? static_cast<std::size_t>(width) : kUsualWidth;
}

std::size_t terminal_height(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : kUsualHeight;
}

bool use_colours(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return is_terminal(descriptor) && !is_set("NO_COLOR") && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::string styled(std::string_view text, Style style, bool colours) {
  if (!colours || style == Style::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", escape_of(style), text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [value, length] = first_code_point(text);
    width += width_of(value);
    text.remove_prefix(length);
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t used = 0, bytes = 0;
  while (bytes < text.size()) {
    const auto [value, length] = first_code_point(text.substr(bytes));
    if (used + width_of(value) > width - 1) break;
    used += width_of(value);
    bytes += length;
  }
  while (bytes > 0 && text[bytes - 1] == ' ') --bytes;
  return std::string(text.substr(0, bytes)) + "…";
}

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto [value, length] = first_code_point(text);
    if (value == 0xfffd && length == 1) clean += "\xef\xbf\xbd";
    else if (is_control(value)) clean += ' ';
    else clean += text.substr(0, length);
    text.remove_prefix(length);
  }
  return clean;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width)
      lines.push_back(std::exchange(line, {}));
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!line.empty() || lines.empty()) lines.push_back(line);
  return lines;
}

}  // namespace aircheck::apps
