#pragma once
// The little XML that S3 speaks: flat elements, looked up by name (read by core/xml_reader). What is not well-formed is read up to
// where it is not. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aircheck::aws {

/// The text of the first element of that name; nothing when there is none.
std::optional<std::string> xml_text(std::string_view xml, std::string_view name);
/// Of all elements of that name, in order, the texts of those directly within, by name; of equal ones the last.
std::vector<std::map<std::string, std::string>> xml_records(std::string_view xml, std::string_view name);
std::string xml_escape(std::string_view text);

}  // namespace aircheck::aws
