#include "core/xml_reader.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace aircheck {
namespace {

constexpr std::size_t kMostDepth = 32;
constexpr std::string_view kBlanks = " \t\r\n";

std::unexpected<Error> refuse_xml(std::string_view why) {
  return fail(ErrorKind::corrupt, "not well-formed XML: " + std::string(why));
}

std::string utf8(std::uint32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

// "#38" or "#x26".
std::optional<std::string> numbered(std::string_view name) {
  const bool hexadecimal = name.starts_with("#x");
  name.remove_prefix(hexadecimal ? 2 : 1);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, hexadecimal ? 16 : 10);
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (error != std::errc{} || end != name.data() + name.size() || value == 0 || value > 0x10FFFF || surrogate)
    return {};
  return utf8(value);
}

std::optional<std::string> entity(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kKnown{
      {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
  if (name.starts_with('#')) return numbered(name);
  for (const auto& [known, character] : kKnown)
    if (known == name) return std::string(1, character);
  return {};
}

// Where a tag's ">" is, not counting those in attributes' values.
std::size_t tag_end(std::string_view tag) {
  char quote = 0;
  for (std::size_t i = 0; i < tag.size(); ++i) {
    if (quote != 0) quote = tag[i] == quote ? char{0} : quote;
    else if (tag[i] == '"' || tag[i] == '\'') quote = tag[i];
    else if (tag[i] == '>') return i;
    else if (tag[i] == '<') break;
  }
  return std::string_view::npos;
}

}  // namespace

Result<XmlReader::Token> XmlReader::next() {
  if (std::exchange(closes_, false)) return close();
  text_.clear();
  while (!rest_.empty()) {
    if (rest_.starts_with("<![CDATA[") && !open_.empty()) {
      const auto begin = rest_.substr(9);
      TRY(skip_to("]]>"));
      text_ += begin.substr(0, begin.size() - rest_.size() - 3);
    } else if (rest_.starts_with("<!--")) {
      TRY(skip_to("-->"));
    } else if (rest_.starts_with("<?")) {
      TRY(skip_to("?>"));
    } else if (rest_.front() == '<') {
      if (!text_.empty()) return Token::text;
      return markup();
    } else {
      TRY(characters());
    }
  }
  if (!open_.empty() || !began_) return refuse_xml("it ends too early");
  return Token::finished;
}

Result<void> XmlReader::skip_to(std::string_view end) {
  const auto at = rest_.find(end);
  if (at == std::string_view::npos) return refuse_xml("it ends too early");
  rest_.remove_prefix(at + end.size());
  return {};
}

// Up to the next "<".
Result<void> XmlReader::characters() {
  auto part = rest_.substr(0, rest_.find('<'));
  rest_.remove_prefix(part.size());
  if (open_.empty()) {
    if (part.find_first_not_of(" \t\r\n\xEF\xBB\xBF") != std::string_view::npos)
      return refuse_xml("text outside of all elements");
    return {};
  }
  while (!part.empty()) {
    const auto plain = part.substr(0, part.find('&'));
    text_ += plain;
    part.remove_prefix(plain.size());
    if (part.empty()) break;
    const auto end = part.find(';');
    const auto value = end == std::string_view::npos ? std::nullopt : entity(part.substr(1, end - 1));
    if (!value) return refuse_xml("an entity that XML does not know");
    text_ += *value;
    part.remove_prefix(end + 1);
  }
  return {};
}

Result<XmlReader::Token> XmlReader::markup() {
  if (rest_.starts_with("<!")) return refuse_xml("document types are not taken");
  return rest_.starts_with("</") ? end_tag() : start_tag();
}

Result<XmlReader::Token> XmlReader::start_tag() {
  const auto tag = rest_.substr(1);
  const auto end = tag_end(tag);
  if (end == std::string_view::npos) return refuse_xml("a tag does not end");
  rest_ = tag.substr(end + 1);
  closes_ = end > 0 && tag[end - 1] == '/';
  const auto inside = tag.substr(0, end - (closes_ ? 1 : 0));
  name_ = inside.substr(0, inside.find_first_of(kBlanks));
  if (name_.empty()) return refuse_xml("a tag without a name");
  if (open_.empty() && std::exchange(began_, true)) return refuse_xml("two roots");
  if (open_.size() == kMostDepth) return refuse_xml("it is nested too deeply");
  open_.push_back(name_);
  return Token::start;
}

Result<XmlReader::Token> XmlReader::end_tag() {
  const auto tag = rest_.substr(2);
  const auto end = tag.find('>');
  if (end == std::string_view::npos) return refuse_xml("a tag does not end");
  rest_ = tag.substr(end + 1);
  const auto inside = tag.substr(0, end);
  if (open_.empty() || inside.substr(0, inside.find_first_of(kBlanks)) != open_.back())
    return refuse_xml("an end without its beginning");
  return close();
}

Result<XmlReader::Token> XmlReader::close() {
  name_ = open_.back();
  open_.pop_back();
  return Token::end;
}

}  // namespace aircheck
