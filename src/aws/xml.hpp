#pragma once
// The little XML that S3 speaks: flat elements without attributes that matter, looked up by name. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aircheck::aws {

/// The text of the first element of that name, entities resolved; nothing when there is none.
std::optional<std::string> xml_text(std::string_view xml, std::string_view name);
/// The inner XML of all elements of that name, in order, borrowed. Elements of one name must not be nested.
std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name);
std::string xml_escape(std::string_view text);

}  // namespace aircheck::aws
