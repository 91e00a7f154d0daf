#pragma once
// nlohmann/json, compiled once (json.cpp) rather than in every file that includes it, which takes five seconds each under the
// sanitizers. In .cpp files only; headers use <nlohmann/json_fwd.hpp>.

#include <nlohmann/json.hpp>
#include <string>

namespace nlohmann::detail {

using FromPointer = iterator_input_adapter<const char*>;                 // of a string_view
using FromString = iterator_input_adapter<std::string::const_iterator>;  // of a string

// NOLINTBEGIN(bugprone-macro-parentheses): what an instantiation begins with cannot stand in parentheses
#define AIRCHECK_JSON_READER(BEGINNING, FROM)                                        \
  BEGINNING class lexer<json, FROM>;                                                 \
  BEGINNING class parser<json, FROM>;                                                \
  BEGINNING bool parser<json, FROM>::sax_parse_internal(json_sax_dom_parser<json>*); \
  BEGINNING bool parser<json, FROM>::sax_parse_internal(json_sax_dom_callback_parser<json>*)

#define AIRCHECK_JSON(BEGINNING)                      \
  BEGINNING class nlohmann::basic_json<>;             \
  namespace nlohmann::detail {                        \
  BEGINNING class serializer<json>;                   \
  BEGINNING class json_sax_dom_parser<json>;          \
  BEGINNING class json_sax_dom_callback_parser<json>; \
  AIRCHECK_JSON_READER(BEGINNING, FromPointer);       \
  AIRCHECK_JSON_READER(BEGINNING, FromString);        \
  }
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace nlohmann::detail

AIRCHECK_JSON(extern template)
