#include "aircheck/recording_options.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace aircheck::apps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  return split_words(text).value_or(std::vector<std::string>{"an error"});
}

TEST(SplitWords, AsAShellDoes) {
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words("  a  b\tc\n"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words("--extractor-args 'youtube: player_client=web'"),
              ElementsAre("--extractor-args", "youtube: player_client=web"));
  EXPECT_THAT(words(R"(a\ b "c \"d\"" 'e\f' g"h"i)"), ElementsAre("a b", "c \"d\"", "e\\f", "ghi"));
  EXPECT_THAT(words(R"('' "" x)"), ElementsAre("", "", "x"));
  EXPECT_THAT(words("$HOME `id` *"), ElementsAre("$HOME", "`id`", "*")) << "nothing is expanded";
}

TEST(SplitWords, RefusesAnOpenQuote) {
  EXPECT_FALSE(split_words("'a"));
  EXPECT_EQ(split_words("a \"b").error().kind, ErrorKind::invalid_input);
}

// What a recorder process understands from what the server gives it.
RecordingOptions through_arguments(const RecordingOptions& options) {
  RecordingOptions result;
  CLI::App app;
  add_recording_options(app, result);
  auto arguments = to_arguments(options);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  app.parse(arguments);
  return result;
}

TEST(RecordingArguments, ArriveAsTheyWere) {
  const RecordingOptions options{.quality = "720",
                                 .proxies = {"http://proxy:8080", "socks5h://u:p@b:1"},
                                 .ca_file = "/dev/null",
                                 .yt_dlp = "/opt/yt dlp",
                                 .yt_dlp_args = "-a 'b c' --d=\"e\"",
                                 .cookies = "/dev/null",
                                 .chat = true,
                                 .from_start = true,
                                 .from = seconds{5},
                                 .yt_dlp_timeout = seconds{1},
                                 .segment_timeout = seconds{2},
                                 .stall_timeout = seconds{3},
                                 .gone_timeout = seconds{4},
                                 .silence_limit = seconds{6}};
  const auto got = through_arguments(options);
  EXPECT_EQ(got.quality, options.quality);
  EXPECT_EQ(got.proxies, options.proxies);
  EXPECT_EQ(got.ca_file, options.ca_file);
  EXPECT_EQ(got.yt_dlp, options.yt_dlp);
  EXPECT_EQ(got.yt_dlp_args, options.yt_dlp_args);
  EXPECT_EQ(got.cookies, options.cookies);
  EXPECT_EQ(got.chat, options.chat);
  EXPECT_EQ(got.from_start, options.from_start);
  EXPECT_EQ(got.from, options.from);
  EXPECT_EQ(got.yt_dlp_timeout, options.yt_dlp_timeout);
  EXPECT_EQ(got.segment_timeout, options.segment_timeout);
  EXPECT_EQ(got.stall_timeout, options.stall_timeout);
  EXPECT_EQ(got.gone_timeout, options.gone_timeout);
  EXPECT_EQ(got.silence_limit, options.silence_limit);
}

TEST(RecordingArguments, TakeProxiesApartAndTogether) {
  RecordingOptions options;
  std::string url;
  CLI::App app;
  app.add_option("url", url);
  add_recording_options(app, options);
  app.parse("--proxy a --proxy b,c https://youtu.be/x");
  EXPECT_THAT(options.proxies, ElementsAre("a", "b", "c"));
  EXPECT_EQ(url, "https://youtu.be/x");
}

TEST(RecordingArguments, SayWhereYtDlpIs) { EXPECT_EQ(through_arguments({}).yt_dlp, find_yt_dlp()); }

TEST(StreamOptions, TakeEverythingOver) {
  const auto options =
      stream_options({.quality = "480", .yt_dlp = "x", .yt_dlp_args = "-a b", .stall_timeout = seconds{7}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->quality, "480");
  EXPECT_EQ(options->resolver.program, "x");
  EXPECT_THAT(options->resolver.extra_arguments, ElementsAre("-a", "b"));
  EXPECT_EQ(options->stall_after, seconds{7});
  EXPECT_EQ(options->ask_again_after, seconds{7});
  EXPECT_EQ(options->begin.ago, seconds{0});
  EXPECT_FALSE(stream_options({.yt_dlp_args = "'"}));
}

}  // namespace
}  // namespace aircheck::apps
