#include "core/title_syntax.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace aircheck {
namespace {

using Kind = PatternNode::Kind;

constexpr std::size_t kMostBytes = 200;
constexpr int kMostDepth = 20;
constexpr int kMostTimes = 100;
constexpr char32_t kLast = 0x10'FFFF;

std::unexpected<Error> refuse(std::string why) {
  return fail(ErrorKind::invalid_input, "the title's pattern: " + std::move(why));
}

// Latin, Greek and Cyrillic: the scripts in whose titles case matters, without a table of all others.
char32_t lower(char32_t c) {
  const bool latin = (c >= U'A' && c <= U'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
  const bool greek = c >= 0x391 && c <= 0x3A9, cyrillic = c >= 0x410 && c <= 0x42F;
  if (latin || greek || cyrillic) return c + 0x20;
  return c >= 0x400 && c <= 0x40F ? c + 0x50 : c;
}

char32_t upper(char32_t c) {
  const bool latin = (c >= U'a' && c <= U'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7);
  const bool greek = c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2, cyrillic = c >= 0x430 && c <= 0x44F;
  if (latin || greek || cyrillic) return c - 0x20;
  return c >= 0x450 && c <= 0x45F ? c - 0x50 : c;
}

// \d, \s and \w; the upper-case ones are their opposites.
std::optional<CharacterSet> class_of(char32_t letter) {
  CharacterSet set{.ranges = {}, .negated = letter == U'D' || letter == U'S' || letter == U'W'};
  switch (lower(letter)) {
    case U'd': set.ranges = {{U'0', U'9'}}; return set;
    case U's':
      set.ranges = {{U'\t', U'\r'}, {U' ', U' '}, {0xA0, 0xA0}, {0x2000, 0x200A}, {0x3000, 0x3000}};
      return set;
    case U'w':
      set.ranges = {{U'0', U'9'},   {U'A', U'Z'},     {U'_', U'_'},   {U'a', U'z'},
                    {0xC0, 0x1FFF}, {0x2070, 0x2FFF}, {0x3040, kLast}};
      return set;
    default: return {};
  }
}

void add_class(CharacterSet& set, const CharacterSet& other) {
  if (!other.negated) {
    set.ranges.insert(set.ranges.end(), other.ranges.begin(), other.ranges.end());
    return;
  }
  char32_t next = 0;  // what lies between the ranges
  for (const auto& [first, last] : other.ranges) {
    if (first > next) set.ranges.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= kLast) set.ranges.emplace_back(next, kLast);
}

bool is_ascii_alphanumeric(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
}

PatternNode set_node(CharacterSet set) { return {.kind = Kind::set, .set = std::move(set)}; }
PatternNode literal(char32_t c) { return set_node({.ranges = {{c, c}}}); }
PatternNode mark(Kind kind) { return {.kind = kind}; }

// Recursive descent; the depth of groups is bounded, and with it that of the recursion.
class Parser {
 public:
  explicit Parser(std::u32string text) : text_(std::move(text)) {}

  Result<PatternNode> parse() {
    take(U"(?i)");  // always the case
    auto whole = TRY(choice());
    if (!at_end()) return refuse("a ) too many");
    return whole;
  }

 private:
  bool at_end() const { return place_ == text_.size(); }
  bool sees(char32_t c) const { return !at_end() && text_[place_] == c; }
  char32_t next() { return text_[place_++]; }
  bool take(char32_t c) {
    if (!sees(c)) return false;
    ++place_;
    return true;
  }
  bool take(std::u32string_view words) {
    if (!std::u32string_view(text_).substr(place_).starts_with(words)) return false;
    place_ += words.size();
    return true;
  }

  Result<PatternNode> choice() {
    PatternNode node{.kind = Kind::choice};
    do node.children.push_back(TRY(sequence()));
    while (take(U'|'));
    return node;
  }

  Result<PatternNode> sequence() {
    PatternNode node{.kind = Kind::sequence};
    while (!at_end() && !sees(U'|') && !sees(U')')) node.children.push_back(TRY(repeated()));
    return node;
  }

  Result<PatternNode> repeated() {
    auto node = TRY(atom());
    const bool is_mark = node.kind != Kind::set && node.kind != Kind::choice;
    const auto [least, most] = TRY(quantifier());
    if (least == 1 && most == 1) return node;
    if (is_mark) return refuse("nothing stands before a repetition");
    take(U'?');  // lazy or not: it matches the same titles
    if (sees(U'*') || sees(U'+') || sees(U'?')) return refuse("two repetitions in a row");
    PatternNode out{.kind = Kind::repeat, .least = least, .most = most};
    out.children.push_back(std::move(node));
    return out;
  }

  using Times = std::pair<int, int>;

  Result<Times> quantifier() {
    if (take(U'*')) return Times{0, PatternNode::kEndless};
    if (take(U'+')) return Times{1, PatternNode::kEndless};
    if (take(U'?')) return Times{0, 1};
    if (!take(U'{')) return Times{1, 1};
    const auto least = number();
    auto most = least;
    if (take(U',')) most = sees(U'}') ? PatternNode::kEndless : number();
    if (!take(U'}') || least < 0 || (most != PatternNode::kEndless && (most < least || most < 1)))
      return refuse(
          fmt::format("a repetition is {{n}}, {{n,}} or {{n,m}} with at most {}; a {{ itself is \\{{", kMostTimes));
    return Times{least, most};
  }

  // Less than 0 for what is none or too large.
  int number() {
    const auto begin = place_;
    int value = 0;
    for (; !at_end() && text_[place_] >= U'0' && text_[place_] <= U'9'; ++place_)
      value = std::min(value * 10 + static_cast<int>(text_[place_] - U'0'), kMostTimes + 1);
    return place_ == begin || value > kMostTimes ? -2 : value;
  }

  Result<PatternNode> atom() {
    switch (const auto c = next()) {
      case U'.': return set_node({.ranges = {}, .negated = true});
      case U'^': return mark(Kind::begin);
      case U'$': return mark(Kind::end);
      case U'(': return group();
      case U'[': return bracket();
      case U'\\': return escape();
      case U'*':
      case U'+':
      case U'?':
      case U'{': return refuse("nothing stands before a repetition; a sign itself is \\* \\+ \\? \\{");
      default: return literal(c);
    }
  }

  Result<PatternNode> group() {
    if (++depth_ > kMostDepth) return refuse("groups are nested too deeply");
    if (sees(U'?') && !take(U"?:")) return refuse("(? is understood as (?:…) only");
    auto inside = TRY(choice());
    if (!take(U')')) return refuse("a ( does not close");
    --depth_;
    return inside;
  }

  Result<PatternNode> escape() {
    if (at_end()) return refuse("it ends with a \\");
    const auto c = next();
    if (c == U'b') return mark(Kind::boundary);
    if (c == U'B') return mark(Kind::no_boundary);
    if (auto set = class_of(c)) return set_node(*std::move(set));
    return literal(TRY(escaped(c)));
  }

  static Result<char32_t> escaped(char32_t c) {
    if (c == U't') return U'\t';
    if (is_ascii_alphanumeric(c)) return refuse(fmt::format("\\{} is not understood", static_cast<char>(c)));
    return c;
  }

  Result<PatternNode> bracket() {
    CharacterSet set{.ranges = {}, .negated = take(U'^')};
    do {
      if (at_end()) return refuse("a [ does not close");
      TRY(bracket_item(set));
    } while (!sees(U']'));
    next();
    return set_node(std::move(set));
  }

  // One character, a range, or a class such as \d.
  Result<void> bracket_item(CharacterSet& set) {
    const auto first = next();
    if (first == U'\\' && !at_end()) {
      if (const auto other = class_of(text_[place_])) {
        ++place_;
        add_class(set, *other);
        return {};
      }
    }
    const auto from = TRY(bracket_character(first));
    const bool is_range = sees(U'-') && place_ + 1 < text_.size() && text_[place_ + 1] != U']';
    if (!is_range) {
      set.ranges.emplace_back(from, from);
      return {};
    }
    next();
    const auto to = TRY(bracket_character(next()));
    if (to < from) return refuse("a range in [] ends before it begins");
    set.ranges.emplace_back(from, to);
    return {};
  }

  Result<char32_t> bracket_character(char32_t c) {
    if (c != U'\\') return c;
    if (at_end()) return refuse("a [ does not close");
    return escaped(next());
  }

  std::u32string text_;
  std::size_t place_ = 0;
  int depth_ = 0;
};

// How many bytes a character has by its first one; 0 for what begins none.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

}  // namespace

bool CharacterSet::contains(char32_t c) const {
  const std::array<char32_t, 3> forms{c, lower(c), upper(c)};
  const bool found = std::ranges::any_of(ranges, [&](const auto& range) {
    return std::ranges::any_of(forms, [&](char32_t form) { return form >= range.first && form <= range.second; });
  });
  return found != negated;
}

Result<PatternNode> parse_title_pattern(std::string_view text) {
  if (text.size() > kMostBytes) return refuse(fmt::format("it is longer than {} bytes", kMostBytes));
  return Parser(code_points(text)).parse();
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto length = length_of(first);
    char32_t c = length < 2 ? first : first & (0x7Fu >> length);
    std::size_t read = 1;
    for (; read < length && i + read < text.size() && (text[i + read] & 0xC0) == 0x80; ++read)
      c = c << 6 | (static_cast<unsigned char>(text[i + read]) & 0x3F);
    out += length == 0 || read < length ? U'\uFFFD' : c;
    i += read;
  }
  return out;
}

bool is_word_character(char32_t c) {
  static const auto word = *class_of(U'w');
  return word.contains(c);
}

}  // namespace aircheck
