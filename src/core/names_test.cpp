#include "core/names.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

const Instant kTime = *from_rfc3339("2026-01-31T23:59:59.999Z");

TEST(Names, a_recording_is_filed_by_month) {
  EXPECT_EQ(recording_key(kTime, "dQw4w9WgXcQ", "0190f3e2"), "recordings/2026/01/dQw4w9WgXcQ-0190f3e2.mkv");
  EXPECT_EQ(recording_key(kTime + milliseconds{1}, "dQw4w9WgXcQ", "0190f3e2"),
            "recordings/2026/02/dQw4w9WgXcQ-0190f3e2.mkv");
}

TEST(Names, a_label_cannot_leave_its_folder) {
  EXPECT_EQ(recording_key(kTime, "", "id"), "recordings/2026/01/stream-id.mkv");
  EXPECT_EQ(recording_key(kTime, "../../a b.c", "id"), "recordings/2026/01/______a_b_c-id.mkv");
  EXPECT_TRUE(is_safe_key(recording_key(kTime, "/\n..", "id")));
}

TEST(Names, further_files_are_numbered_from_two) {
  EXPECT_EQ(recording_part_key("a/b.mkv", 0), "a/b.mkv");
  EXPECT_EQ(recording_part_key("a/b.mkv", 1), "a/b-2.mkv");
  EXPECT_EQ(recording_part_key("a/b.mkv", 9), "a/b-10.mkv");
  EXPECT_EQ(recording_part_key("a.b/c", 1), "a.b/c-2");
  EXPECT_EQ(recording_part_key("c", 1), "c-2");
}

TEST(Names, the_journal_lies_beside) { EXPECT_EQ(journal_key("a/b.mkv"), "a/b.mkv.journal"); }

TEST(Names, so_does_the_live_chat) {
  EXPECT_EQ(live_chat_key("a/b.mkv"), "a/b.live_chat.json");
  EXPECT_EQ(live_chat_key("a/b.mkv.old-1"), "a/b.mkv.old-1.live_chat.json");
}

TEST(Names, safe_keys) {
  for (const std::string_view key : {"a", "a/b.mkv", "recordings/2026/11/x-1.mkv", "...", "a/..b"})
    EXPECT_TRUE(is_safe_key(key)) << key;
  for (const std::string_view key : {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a/.", "a\nb", "a\\b"})
    EXPECT_FALSE(is_safe_key(key)) << key;
  EXPECT_FALSE(is_safe_key(std::string_view("a\0b", 3)));
}

TEST(RecordingLabel, is_the_video_or_the_channel) {
  EXPECT_EQ(recording_label("dQw4w9WgXcQ", "https://www.youtube.com/@name/live"), "dQw4w9WgXcQ");
  EXPECT_EQ(recording_label("", "https://www.youtube.com/@name/live"), "name");
  EXPECT_EQ(recording_label("", "https://www.youtube.com/@name?x=/"), "name");
  EXPECT_EQ(recording_label("", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"), "");
}

}  // namespace
}  // namespace aircheck
