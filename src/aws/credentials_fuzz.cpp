// Any bytes as a profile file, and as what a container's endpoint answers: refused, or credentials with both keys.
#include <cstdlib>

#include "aws/credentials.hpp"
#include "base/bytes.hpp"

namespace {

using namespace aircheck;

Result<aws::Credentials> from_endpoint(std::string_view text) {
  aws::CredentialOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") return "/x";
    return {};
  };
  options.fetch = [text](const net::HttpRequest&) -> Result<net::HttpResponse> {
    const auto bytes = as_bytes(text);
    net::HttpResponse answer{.status = 200};
    answer.body.assign(bytes.begin(), bytes.end());
    return answer;
  };
  return aws::CredentialSource(std::move(options)).get();
}

void check(const aws::Credentials& credentials) {
  if (credentials.access_key.empty() || credentials.secret_key.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  for (const auto* profile : {"default", "other"})
    if (const auto found = aws::credentials_in_profile(text, profile)) check(*found);
  if (const auto found = from_endpoint(text)) check(*found);
  return 0;
}
