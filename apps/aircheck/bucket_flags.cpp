#include "aircheck/bucket_flags.hpp"

#include <CLI/CLI.hpp>

namespace aircheck::apps {

void add_bucket_flags(CLI::App& app, BucketFlags& flags) {
  app.option_defaults()->group("Recordings in S3");
  app.add_flag("--s3-equal-parts", flags.equal_parts,
               "Upload parts of one size, as Cloudflare R2 wants them; a recording then ends at 50 GB");
  // A flag of type optional<bool> would be set to false where it is not given.
  const auto set = [&flags](std::int64_t count) {
    if (count != 0) flags.path_style = count > 0;
  };
  app.add_flag_function("--s3-path-style", set,
                        "Address https://host/bucket/key; the default with AWS_ENDPOINT_URL, else bucket.host/key");
  app.option_defaults()->group("Options");
}

std::vector<std::string> to_arguments(const BucketFlags& flags) {
  std::vector<std::string> arguments{std::string("--s3-equal-parts=") + (flags.equal_parts ? "true" : "false")};
  if (flags.path_style) arguments.push_back(std::string("--s3-path-style=") + (*flags.path_style ? "true" : "false"));
  return arguments;
}

bool is_bucket_url(std::string_view place) { return place.starts_with("s3://"); }

Result<cloud::Bucket> bucket_from(std::string_view url, const BucketFlags& flags) {
  auto bucket = TRY(cloud::bucket_from_url(url));
  bucket.equal_parts = flags.equal_parts;
  bucket.path_style = flags.path_style;
  return bucket;
}

}  // namespace aircheck::apps
