#include "aircheck/doctor.hpp"

#include <gtest/gtest.h>

namespace aircheck::apps {
namespace {

TEST(ReleaseDay, IsInYtDlpsVersion) {
  EXPECT_EQ(release_day("2026.10.26"), from_rfc3339("2026-10-26T00:00:00Z"));
  EXPECT_EQ(release_day("2026.01.02.232901"), from_rfc3339("2026-01-02T00:00:00Z"));
  for (const auto* text : {"", "nightly", "2026", "2026.13.01", "1.2.x"})
    EXPECT_EQ(release_day(text), std::nullopt) << text;
}

TEST(VersionAtLeast, ReadsWhatRuntimesPrint) {
  EXPECT_TRUE(version_at_least("deno 2.3.0 (stable, release, x86_64-unknown-linux-gnu)", 2, 3));
  EXPECT_FALSE(version_at_least("deno 2.2.9", 2, 3));
  EXPECT_TRUE(version_at_least("v22.1.0", 22, 0));
  EXPECT_TRUE(version_at_least("v24", 22, 0));
  EXPECT_FALSE(version_at_least("v18.19.0", 22, 0));
  EXPECT_FALSE(version_at_least("", 0, 0));
}

TEST(HttpDate, OnlyTheFormThatServersSend) {
  EXPECT_EQ(parse_http_date("Mon, 23 Nov 2026 08:02:11 GMT"), from_rfc3339("2026-11-23T08:02:11Z"));
  for (const auto* text :
       {"", "Monday, 23-Nov-26 08:02:11 GMT", "Mon, 23 Xxx 2026 08:02:11 GMT", "Mon, 23 Nov 2026 08:02:11 CET"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(Doctor, SaysWhatIsMissingAndHowToMendIt) {
  DoctorOptions options;
  options.recording.yt_dlp = "/nowhere/yt-dlp";
  const auto finding = checks(options).front()();
  EXPECT_EQ(finding.name, "yt-dlp");
  EXPECT_EQ(finding.health, Health::fail);
  EXPECT_NE(finding.found.find("/nowhere/yt-dlp"), std::string::npos);
  EXPECT_FALSE(finding.remedy.empty());
}

}  // namespace
}  // namespace aircheck::apps
