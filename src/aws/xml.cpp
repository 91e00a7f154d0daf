#include "aws/xml.hpp"

#include <utility>

#include "core/xml_reader.hpp"

namespace aircheck::aws {
namespace {

using Token = XmlReader::Token;

// The next token; `finished` where what follows is not well-formed.
Token next(XmlReader& reader) { return reader.next().value_or(Token::finished); }

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view name) {
  XmlReader reader(xml);
  std::string text;
  std::size_t depth = 0;  // within the element; 0: not found yet
  for (auto token = next(reader); token != Token::finished; token = next(reader)) {
    if (token == Token::text && depth > 0) text += reader.text();
    if (token == Token::start && (depth > 0 || reader.name() == name)) ++depth;
    if (token == Token::end && depth == 1) return text;
    if (token == Token::end && depth > 1) --depth;
  }
  return {};
}

std::vector<std::map<std::string, std::string>> xml_records(std::string_view xml, std::string_view name) {
  XmlReader reader(xml);
  std::vector<std::map<std::string, std::string>> out;
  std::map<std::string, std::string> record;
  std::string text;
  std::size_t depth = 0;  // within the record
  for (auto token = next(reader); token != Token::finished; token = next(reader)) {
    if (token == Token::start) {
      if (depth > 0 || reader.name() == name) ++depth;
      if (depth == 2) text.clear();
    } else if (token == Token::text && depth == 2) {
      text += reader.text();
    } else if (token == Token::end && depth > 0) {
      if (depth == 2) record[std::string(reader.name())] = text;
      if (--depth == 0) out.push_back(std::exchange(record, {}));
    }
  }
  return out;
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace aircheck::aws
