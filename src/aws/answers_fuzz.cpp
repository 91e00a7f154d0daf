// Any bytes as what AWS answers: S3's XML, and the items of DynamoDB, which are the same when they are written and read again.
#include <cstdlib>

#include "aws/dynamo_item.hpp"
#include "aws/xml.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::aws;

// Null members are left out of an item.
void check_item(const nlohmann::json& item) {
  const auto first = from_item(item);
  if (!first) return;
  const auto second = from_item(to_item(*first));
  if (!second) std::abort();
  const auto third = from_item(to_item(*second));
  if (!third || *third != *second) std::abort();
}

void check_xml(std::string_view text) {
  for (const auto* name : {"Code", "UploadId", "NextContinuationToken"}) static_cast<void>(xml_text(text, name));
  for (const auto* name : {"Contents", "Upload"})
    if (xml_records(text, name).size() > text.size()) std::abort();
  if (xml_text("<a><b>" + xml_escape(text) + "</b></a>", "b") != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  check_xml(text);
  check_item(nlohmann::json::parse(text, nullptr, false));
  return 0;
}
