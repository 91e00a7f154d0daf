#include "aircheck/human.hpp"

#include <gtest/gtest.h>

namespace aircheck::apps {
namespace {

using std::chrono::hours;

TEST(HumanSize, ThreeDigitsAndDecimalUnits) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(999), "999 B");
  EXPECT_EQ(human_size(1000), "1.00 kB");
  EXPECT_EQ(human_size(12'345'678), "12.3 MB");
  EXPECT_EQ(human_size(456'000'000'000), "456 GB");
}

TEST(HumanSize, RoundsIntoTheNextUnit) {
  EXPECT_EQ(human_size(999'499), "999 kB");
  EXPECT_EQ(human_size(999'500), "1.00 MB");
  EXPECT_EQ(human_size(9'996), "10.0 kB");
  EXPECT_EQ(human_size(99'960), "100 kB");
}

TEST(HumanSize, StaysInTheLargestUnit) { EXPECT_EQ(human_size(18'446'744'073'709'551'615ull), "18447 PB"); }

TEST(HumanDuration, HoursOnlyWhereThereAreAny) {
  EXPECT_EQ(human_duration(milliseconds{0}), "0:00");
  EXPECT_EQ(human_duration(milliseconds{7'999}), "0:07");
  EXPECT_EQ(human_duration(seconds{754}), "12:34");
  EXPECT_EQ(human_duration(seconds{3723}), "1:02:03");
  EXPECT_EQ(human_duration(hours{120}), "120:00:00");
  EXPECT_EQ(human_duration(milliseconds{-1'500}), "-0:01");
}

TEST(HumanSpan, UnitsGrow) {
  EXPECT_EQ(human_span(milliseconds{400}), "0.4 s");
  EXPECT_EQ(human_span(milliseconds{9'940}), "9.9 s");
  EXPECT_EQ(human_span(milliseconds{9'950}), "10 s");
  EXPECT_EQ(human_span(seconds{180}), "3 min");
  EXPECT_EQ(human_span(hours{3}), "3.0 h");
  EXPECT_EQ(human_span(hours{96}), "4 days");
}

TEST(HumanBitrate, OfBytesOverTime) {
  EXPECT_EQ(human_bitrate(677'500, seconds{1}), "5.42 Mb/s");
  EXPECT_EQ(human_bitrate(106'250, seconds{1}), "850 kb/s");
  EXPECT_EQ(human_bitrate(0, seconds{1}), "0 b/s");
  EXPECT_EQ(human_bitrate(100, seconds{0}), "");
}

TEST(HumanAge, CoarserWithTime) {
  EXPECT_EQ(human_age(milliseconds{-5'000}), "now");
  EXPECT_EQ(human_age(milliseconds{900}), "now");
  EXPECT_EQ(human_age(seconds{12}), "12 s ago");
  EXPECT_EQ(human_age(seconds{300}), "5 min ago");
  EXPECT_EQ(human_age(hours{3}), "3 h ago");
  EXPECT_EQ(human_age(hours{48}), "2 days ago");
}

}  // namespace
}  // namespace aircheck::apps
