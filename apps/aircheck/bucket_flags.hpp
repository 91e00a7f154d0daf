#pragma once
// The options that say how a bucket wants to be spoken to, for `record`, `serve`, `agent` and the recorders they start.
// Plain values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/account.hpp"

namespace CLI {
class App;
}

namespace aircheck::apps {

struct BucketFlags {
  bool equal_parts = false;
  std::optional<bool> path_style;
};

/// `flags` must outlive the parse.
void add_bucket_flags(CLI::App& app, BucketFlags& flags);
/// The same as command-line arguments, for a recorder process.
std::vector<std::string> to_arguments(const BucketFlags& flags);

/// Whether a place to record into is named as one in a bucket: "s3://…".
bool is_bucket_url(std::string_view place);
Result<cloud::Bucket> bucket_from(std::string_view url, const BucketFlags& flags);

}  // namespace aircheck::apps
