#pragma once
// nlohmann/json, compiled once (json.cpp) rather than in every file that includes it, which takes five seconds each under the
// sanitizers. In .cpp files only; headers use <nlohmann/json_fwd.hpp>.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"

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

namespace aircheck {

// What strangers' JSON has to tell: any member may be missing, or of another type.

/// Without what is nested more deeply than that: a text of brackets must not exhaust the stack of whoever walks over the value.
/// Discarded where it is no JSON.
nlohmann::json parse_shallow(std::string_view text, int deepest);

/// RFC 3339; null where there is none.
nlohmann::json time_json(const std::optional<Instant>& time);

/// The member of that name; null where the value is no object or has none.
const nlohmann::json& member(const nlohmann::json& value, std::string_view name);
/// Its text; empty where it is none.
std::string text_member(const nlohmann::json& value, std::string_view name);

/// The number, where it is a whole one that Number can hold. nlohmann's own conversions make something of any number.
template <class Number>
std::optional<Number> whole_number(const nlohmann::json& value) {
  const bool fits = value.is_number_unsigned()
                        ? std::in_range<Number>(value.get<std::uint64_t>())
                        : value.is_number_integer() && std::in_range<Number>(value.get<std::int64_t>());
  return fits ? std::optional(value.get<Number>()) : std::nullopt;
}

}  // namespace aircheck
