#include "aircheck/stream_check.hpp"

#include <gtest/gtest.h>

namespace aircheck::apps {
namespace {

using dispatch::Existence;

TEST(OembedUrl, OnlyForVideosOfYouTube) {
  EXPECT_EQ(oembed_url({.url = "https://www.youtube.com/watch?v=jfKfPfyJRdk", .video_id = "jfKfPfyJRdk"}),
            "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DjfKfPfyJRdk");
  EXPECT_EQ(oembed_url({.url = "https://www.youtube.com/@channel/live"}), "");
  EXPECT_EQ(oembed_url({.url = "https://example.com/live.m3u8", .video_id = "x"}), "");
}

TEST(JudgeOembed, SaysNoOnlyWhereYouTubeDoes) {
  EXPECT_EQ(judge_oembed(200), Existence::exists);
  EXPECT_EQ(judge_oembed(404), Existence::does_not_exist);
  EXPECT_EQ(judge_oembed(400), Existence::does_not_exist);
  for (const int status : {401, 403, 429, 500, 503}) EXPECT_EQ(judge_oembed(status), Existence::cannot_tell) << status;
}

TEST(OembedCheck, CannotTellWhereItCannotAsk) {
  OembedCheck check({.proxy = "http://127.0.0.1:9"});  // nobody listens on the discard port
  EXPECT_EQ(check.check({.url = "https://www.youtube.com/watch?v=jfKfPfyJRdk", .video_id = "jfKfPfyJRdk"}),
            Existence::cannot_tell);
}

}  // namespace
}  // namespace aircheck::apps
