#include "aircheck/stream_check.hpp"

#include <gtest/gtest.h>

namespace aircheck::apps {
namespace {

TEST(OembedUrl, OnlyForVideosOfYouTube) {
  EXPECT_EQ(oembed_url({.url = "https://www.youtube.com/watch?v=jfKfPfyJRdk", .video_id = "jfKfPfyJRdk"}),
            "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DjfKfPfyJRdk");
  EXPECT_EQ(oembed_url({.url = "https://www.youtube.com/@channel/live"}), "");
  EXPECT_EQ(oembed_url({.url = "https://example.com/live.m3u8", .video_id = "x"}), "");
}

TEST(JudgeOembed, SaysNoOnlyWhereYouTubeDoes) {
  EXPECT_EQ(judge_oembed(404).error().kind, ErrorKind::not_found);
  EXPECT_EQ(judge_oembed(400).error().kind, ErrorKind::not_found);
  for (const int status : {200, 401, 403, 429, 500, 503}) EXPECT_TRUE(judge_oembed(status)) << status;
}

TEST(OembedCheck, LetsPassWhatItCannotAskAbout) {
  const OembedCheck check({.proxy = "http://127.0.0.1:9"});  // nobody listens on the discard port
  EXPECT_TRUE(check({.url = "https://www.youtube.com/watch?v=jfKfPfyJRdk", .video_id = "jfKfPfyJRdk"}));
}

}  // namespace
}  // namespace aircheck::apps
