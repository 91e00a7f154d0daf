#include "cloud/account.hpp"

#include <fmt/core.h>
#include <unistd.h>

namespace aircheck::cloud {
namespace {

constexpr seconds kLinkValidity{3600};

// Amazon Linux and Debian keep their certificates in different places, and curl only knows the one of its build.
net::HttpOptions http_options() {
  if (auto chosen = aws::process_environment()("AWS_CA_BUNDLE")) return {.ca_file = *chosen};
  for (const auto* file : {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"})
    if (::access(file, R_OK) == 0) return {.ca_file = file};
  return {};
}

}  // namespace

Result<Bucket> bucket_from_url(std::string_view url) {
  constexpr std::string_view kScheme = "s3://";
  const auto rest = url.starts_with(kScheme) ? url.substr(kScheme.size()) : std::string_view{};
  const auto slash = std::min(rest.find('/'), rest.size());
  Bucket bucket{.name = std::string(rest.substr(0, slash)), .prefix = std::string(rest.substr(slash))};
  if (bucket.name.empty()) return fail(ErrorKind::invalid_input, fmt::format("'{}' is no s3://BUCKET/PREFIX", url));
  return bucket;
}

Account::Account(std::function<bool()> given_up)
    : http(http_options()), client(credentials, {.http = http, .given_up = std::move(given_up)}) {}

aws::BucketOptions bucket_options(const Bucket& bucket) {
  std::string_view prefix = bucket.prefix;
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return {.bucket = bucket.name, .prefix = std::string(prefix), .path_style = bucket.path_style};
}

aws::S3WriterOptions writer_options(const Bucket& bucket) { return {.equal_parts = bucket.equal_parts}; }

std::function<Result<std::string>(const std::string&, const std::string&)> link_to(aws::S3Store& recordings) {
  return [&recordings](const std::string& key, const std::string& disposition) {
    return recordings.presign(key, kLinkValidity, disposition);
  };
}

Stores::Stores(const std::string& table, const Bucket& bucket)
    : jobs(client, clock, table), recordings(client, bucket_options(bucket), writer_options(bucket)) {}

}  // namespace aircheck::cloud
