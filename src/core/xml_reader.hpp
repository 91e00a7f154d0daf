#pragma once
// A pull reader of XML for documents from strangers: elements and their text, nothing else. There are no document types, so
// no entities but the five that XML itself has: nothing can be expanded or fetched. Attributes are passed over. Depth is
// bounded. Pure; borrows the text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace aircheck {

class XmlReader {
 public:
  enum class Token { start, end, text, finished };

  explicit XmlReader(std::string_view text) : rest_(text) {}

  /// The next token; an element without content is a start and an end. `corrupt` for what is not well-formed.
  Result<Token> next();
  /// The element's name with its prefix, of a start or an end.
  std::string_view name() const { return name_; }
  /// The characters, of a text.
  const std::string& text() const { return text_; }

 private:
  Result<Token> markup();
  Result<Token> start_tag();
  Result<Token> end_tag();
  Result<Token> close();
  Result<void> characters();
  Result<void> skip_to(std::string_view end);

  std::string_view rest_;
  std::string_view name_;
  std::string text_;
  std::vector<std::string_view> open_;
  bool closes_ = false;  // the last start was of an empty element
  bool began_ = false;   // the root was there
};

}  // namespace aircheck
