#include "base/time.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

TEST(Rfc3339, round_trips_to_the_millisecond) {
  const Instant instant{milliseconds{1'795'420'931'042}};
  EXPECT_EQ(to_rfc3339(instant), "2026-11-23T08:02:11.042Z");
  EXPECT_EQ(from_rfc3339("2026-11-23T08:02:11.042Z"), instant);
}

TEST(Rfc3339, takes_offsets_and_any_fraction) {
  EXPECT_EQ(from_rfc3339("2026-11-23T10:02:11+02:00"), from_rfc3339("2026-11-23T08:02:11Z"));
  EXPECT_EQ(from_rfc3339("2026-11-23T08:02:11.0429999Z"), from_rfc3339("2026-11-23T08:02:11.042Z"));
}

TEST(Rfc3339, refuses_what_is_no_time) {
  for (const auto* text :
       {"", "now", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T25:00:00Z", "2026-11-23T08:02:11",
        "2026-11-23T08:02:11.Z", "2026-11-23 08:02:11Z", "2026-11-23T08:02:11+0200"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

// Whatever is read can be written, and read again.
TEST(Rfc3339, refuses_offsets_that_lead_out_of_its_years) {
  EXPECT_FALSE(from_rfc3339("0000-01-01T00:00:00+00:01"));
  EXPECT_FALSE(from_rfc3339("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(from_rfc3339("9999-12-31T23:59:60Z"));
  for (const auto* text : {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"})
    EXPECT_EQ(to_rfc3339(from_rfc3339(text).value()), text);
}

TEST(ParseDuration, takes_units) {
  EXPECT_EQ(parse_duration("90"), seconds{90});
  EXPECT_EQ(parse_duration("90s"), seconds{90});
  EXPECT_EQ(parse_duration("15m"), seconds{900});
  EXPECT_EQ(parse_duration("2h"), seconds{7200});
}

TEST(ParseDuration, refuses_anything_else) {
  for (const auto* text : {"", "s", "-1", "1.5", "1d", " 1", "1 s", "99999999999", "1h30m"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace aircheck
