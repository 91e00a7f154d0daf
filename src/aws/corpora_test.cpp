// The fuzzers' corpora as plain tests.
#include "aws/credentials.hpp"
#include "aws/dynamo_item.hpp"
#include "aws/s3_journal_testing.hpp"
#include "aws/xml.hpp"
#include "base/corpora_testing.hpp"
#include "base/json.hpp"

namespace aircheck::aws {
namespace {

TEST(Corpora, journals_in_a_bucket) {
  for_each_in("s3_journal", [](std::string_view text, const std::string& name) {
    S3Journal journal;
    const auto added = add_all(journal, text);
    EXPECT_EQ(added && !*added, name == "leftover_of_another_recording") << name;
    return added.has_value();
  });
}

TEST(Corpora, credentials) {
  for_each_in("credentials", [](std::string_view text, const std::string& name) {
    if (name.find("profile") != std::string::npos) return credentials_in_profile(text, "other").has_value();
    CredentialOptions options;
    options.environment = [](std::string_view variable) -> std::optional<std::string> {
      return variable == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" ? std::optional<std::string>("/x") : std::nullopt;
    };
    options.fetch = [text](const net::HttpRequest&) -> Result<net::HttpResponse> {
      const auto bytes = as_bytes(text);
      net::HttpResponse answer{.status = 200};
      answer.body.assign(bytes.begin(), bytes.end());
      return answer;
    };
    return CredentialSource(std::move(options)).get().has_value();
  });
}

TEST(Corpora, answers) {
  for_each_in("answers", [](std::string_view text, const std::string&) {
    for (const auto* name : {"UploadId", "Code"})
      if (xml_text(text, name)) return true;
    if (!xml_records(text, "Contents").empty()) return true;
    return from_item(nlohmann::json::parse(text, nullptr, false)).has_value();
  });
}

}  // namespace
}  // namespace aircheck::aws
