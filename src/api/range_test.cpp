#include "api/range.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "api/query.hpp"

namespace aircheck::api {
namespace {

std::string show(std::string_view header, std::uint64_t size) {
  const auto range = parse_range(header, size);
  if (const auto* part = std::get_if<ByteRange>(&range))
    return std::to_string(part->offset) + "+" + std::to_string(part->length);
  return std::holds_alternative<WholeFile>(range) ? "whole" : "none";
}

TEST(Range, FromTo) {
  EXPECT_EQ(show("bytes=0-0", 10), "0+1");
  EXPECT_EQ(show("bytes=2-5", 10), "2+4");
  EXPECT_EQ(show("bytes=2-500", 10), "2+8");
  EXPECT_EQ(show("bytes=3-", 10), "3+7");
  EXPECT_EQ(show(" bytes=3-4 ", 10), "3+2");
}

TEST(Range, OfTheEnd) {
  EXPECT_EQ(show("bytes=-4", 10), "6+4");
  EXPECT_EQ(show("bytes=-400", 10), "0+10");
  EXPECT_EQ(show("bytes=-0", 10), "none");
}

TEST(Range, BehindTheEnd) {
  EXPECT_EQ(show("bytes=10-", 10), "none");
  EXPECT_EQ(show("bytes=10-20", 10), "none");
  EXPECT_EQ(show("bytes=0-", 0), "none");
  EXPECT_EQ(show("bytes=-1", 0), "none");
}

TEST(Range, WhatIsNoneIsIgnored) {
  for (const auto* text :
       {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-4", "bytes=a-b", "bytes=1-x", "bytes=0-1,3-4",
        "items=0-1", "bytes=+1-2", "bytes=99999999999999999999-", "bytes=0-99999999999999999999"})
    EXPECT_EQ(show(text, 10), "whole") << text;
}

TEST(Range, LargestNumbers) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(show("bytes=0-" + std::to_string(kMost), kMost), "0+" + std::to_string(kMost));
}

TEST(ETag, Matches) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"ab\"", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

TEST(Query, Decodes) {
  const Query query("a=1&b=x%20y+z&a=2&c&d=%zz&=e&");
  EXPECT_EQ(query.first("a"), "1");
  EXPECT_EQ(query.all("a"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(query.first("b"), "x y z");
  EXPECT_EQ(query.first("c"), "");
  EXPECT_EQ(query.first("d"), "%zz");
  EXPECT_EQ(query.first("nothing"), std::nullopt);
  EXPECT_EQ(percent_decode("%2e%2E"), "..");
  EXPECT_EQ(percent_decode("%2"), std::nullopt);
}

}  // namespace
}  // namespace aircheck::api
