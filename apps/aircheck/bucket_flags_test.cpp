#include "aircheck/bucket_flags.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace aircheck::apps {
namespace {

BucketFlags parsed(std::vector<std::string> arguments) {
  CLI::App app;
  BucketFlags flags;
  add_bucket_flags(app, flags);
  std::ranges::reverse(arguments);
  app.parse(std::move(arguments));
  return flags;
}

TEST(BucketFlags, say_nothing_of_the_path_style_unless_told) {
  EXPECT_FALSE(parsed({}).path_style);
  EXPECT_EQ(parsed({"--s3-path-style"}).path_style, true);
  EXPECT_EQ(parsed({"--s3-path-style=false"}).path_style, false);
  EXPECT_FALSE(parsed({}).equal_parts);
  EXPECT_TRUE(parsed({"--s3-equal-parts"}).equal_parts);
}

TEST(BucketFlags, come_through_to_a_recorder) {
  for (const BucketFlags flags : {BucketFlags{}, BucketFlags{true, true}, BucketFlags{false, false}}) {
    const auto again = parsed(to_arguments(flags));
    EXPECT_EQ(again.equal_parts, flags.equal_parts);
    EXPECT_EQ(again.path_style, flags.path_style);
  }
}

TEST(BucketUrl, names_a_bucket_and_a_prefix) {
  const auto bucket = bucket_from("s3://recordings/a/b/", {});
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->name, "recordings");
  EXPECT_EQ(cloud::bucket_options(*bucket).prefix, "a/b");
  EXPECT_EQ(cloud::bucket_options(*bucket_from("s3://recordings", {})).prefix, "");
  for (const auto* wrong : {"", "s3://", "s3:///key", "https://recordings/a"})
    EXPECT_EQ(bucket_from(wrong, {}).error().kind, ErrorKind::invalid_input) << wrong;
}

}  // namespace
}  // namespace aircheck::apps
