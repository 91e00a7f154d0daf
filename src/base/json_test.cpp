#include "base/json.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace aircheck {
namespace {

using nlohmann::json;

TEST(JsonMember, is_there_or_null_whatever_it_is_asked_of) {
  const json value{{"a", {{"b", "text"}, {"c", 7}}}};
  EXPECT_EQ(text_member(member(value, "a"), "b"), "text");
  EXPECT_EQ(member(member(value, "a"), "c"), 7);
  EXPECT_EQ(text_member(member(value, "a"), "c"), "");
  for (const auto& other : {json(), json(7), json("a"), json::array({"a"}), json::object()}) {
    EXPECT_TRUE(member(other, "a").is_null()) << other;
    EXPECT_EQ(text_member(other, "a"), "");
  }
}

TEST(ParseShallow, leaves_out_what_is_nested_too_deeply) {
  EXPECT_EQ(parse_shallow("[[1]]", 2), json::parse("[[1]]"));
  EXPECT_EQ(parse_shallow("[[[1]]]", 2), json::parse("[[[]]]"));
  const std::string opened(1'000'000, '['), closed(1'000'000, ']');
  EXPECT_EQ(parse_shallow(opened + closed, 2), json::parse("[[[]]]"));
  for (const auto& text : {std::string(), std::string("["), opened})
    EXPECT_TRUE(parse_shallow(text, 2).is_discarded()) << text.size();
}

TEST(WholeNumber, is_one_that_its_type_holds) {
  EXPECT_EQ(whole_number<int>(json(-5)), -5);
  EXPECT_EQ(whole_number<std::uint64_t>(json(UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(whole_number<std::uint8_t>(json(255)), 255);
  EXPECT_FALSE(whole_number<std::uint8_t>(json(256)));
  EXPECT_FALSE(whole_number<std::uint64_t>(json(-1)));
  EXPECT_FALSE(whole_number<std::int64_t>(json(UINT64_MAX)));
  for (const auto& other : {json(1.0), json(1e300), json("1"), json(true), json()})
    EXPECT_FALSE(whole_number<int>(other)) << other;
}

}  // namespace
}  // namespace aircheck
