// Any bytes as XML: refused, or elements that begin and end in pairs, with text between them.
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "core/xml_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  XmlReader reader(as_text(std::as_bytes(std::span(data, size))));
  std::vector<std::string> open;
  std::size_t characters = 0;
  for (auto token = reader.next(); token; token = reader.next()) {
    switch (*token) {
      case XmlReader::Token::start: open.emplace_back(reader.name()); break;
      case XmlReader::Token::end:
        if (open.empty() || open.back() != reader.name()) std::abort();
        open.pop_back();
        break;
      case XmlReader::Token::text:
        characters += reader.text().size();
        if (open.empty() || reader.text().empty()) std::abort();
        break;
      case XmlReader::Token::finished:
        if (!open.empty()) std::abort();
        return 0;
    }
    if (open.size() > 32 || characters > size) std::abort();
  }
  return 0;
}
