#include "aws/xml.hpp"

#include <array>
#include <utility>

namespace aircheck::aws {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 7> kEntities{
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#34;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}, {"&amp;", '&'}}};

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool replaced = false;
    for (const auto& [entity, character] : kEntities) {
      if (!text.starts_with(entity)) continue;
      out += character;
      text.remove_prefix(entity.size());
      replaced = true;
      break;
    }
    if (replaced) continue;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

// Takes the text up to and including the next element of that name off the front.
std::optional<std::string_view> next_element(std::string_view& xml, std::string_view name) {
  const auto open = "<" + std::string(name), close = "</" + std::string(name) + ">";
  for (;;) {
    const auto at = xml.find(open);
    if (at == std::string_view::npos) return {};
    xml.remove_prefix(at + open.size());
    if (xml.empty() || (xml[0] != '>' && xml[0] != ' ' && xml[0] != '/')) continue;  // a longer name
    const auto tag_end = xml.find('>');
    if (tag_end == std::string_view::npos) return {};
    const bool is_empty = tag_end > 0 && xml[tag_end - 1] == '/';
    xml.remove_prefix(tag_end + 1);
    if (is_empty) return std::string_view{};
    const auto end = xml.find(close);
    if (end == std::string_view::npos) return {};
    const auto inner = xml.substr(0, end);
    xml.remove_prefix(end + close.size());
    return inner;
  }
}

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view name) {
  const auto inner = next_element(xml, name);
  if (!inner) return {};
  return unescape(*inner);
}

std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name) {
  std::vector<std::string_view> out;
  while (const auto inner = next_element(xml, name)) out.push_back(*inner);
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
