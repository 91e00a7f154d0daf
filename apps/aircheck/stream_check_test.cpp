#include "aircheck/stream_check.hpp"

#include <gtest/gtest.h>

#include <thread>

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

struct SlowCheck final : dispatch::StreamCheck {
  int asked = 0;
  milliseconds takes{0};
  Existence check(const Job&) override {
    ++asked;
    std::this_thread::sleep_for(takes);
    return Existence::does_not_exist;
  }
};

TEST(ImpatientCheck, AsksNoMoreAfterASlowAnswer) {
  SlowCheck slow;
  ImpatientCheck check(slow, milliseconds{20});
  EXPECT_EQ(check.check({}), Existence::does_not_exist);
  slow.takes = milliseconds{20};
  EXPECT_EQ(check.check({}), Existence::does_not_exist) << "late, but an answer";
  EXPECT_EQ(check.check({}), Existence::cannot_tell);
  EXPECT_EQ(slow.asked, 2);
}

}  // namespace
}  // namespace aircheck::apps
