#pragma once
// What the output goes to: a terminal of some width, with or without colours, or a file. Texts are UTF-8; widths are columns
// as a terminal counts them (wide characters take two, combining ones none). Pure but for the questions about descriptors.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aircheck::apps {

bool is_terminal(int descriptor);
/// Columns of the terminal behind `descriptor`; COLUMNS, else 80, when it is none.
std::size_t terminal_width(int descriptor);
/// Lines of it; 24 when it is none.
std::size_t terminal_height(int descriptor);
/// Colours: only on a terminal that is not "dumb", and unless NO_COLOR is set (no-color.org).
bool use_colours(int descriptor);

enum class Style { plain, bold, dim, red, green, yellow, blue };
/// `text` in that style, or as it is where there are no colours.
std::string styled(std::string_view text, Style style, bool colours);

/// Columns that `text` takes.
std::size_t display_width(std::string_view text);
/// At most `width` columns of `text`, with "…" at the end when something was cut.
std::string shorten(std::string_view text, std::size_t width);
/// Without control characters (they become blanks), so that a stream's title cannot steer the terminal.
std::string printable(std::string_view text);
/// Lines of at most `width` columns, broken at blanks; a longer word stands alone.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace aircheck::apps
