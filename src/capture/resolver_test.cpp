#include "capture/resolver.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace aircheck::capture {
namespace {

constexpr std::string_view kLive = R"({"id":"abcdefghijk","title":"News","channel":"Channel","live_status":"is_live",
  "formats":[
    {"format_id":"96","url":"http://a/96.m3u8","protocol":"m3u8_native","vcodec":"avc1","acodec":"mp4a","width":1920,"height":1080,"fps":30,"tbr":4000},
    {"format_id":"301","url":"http://a/301.m3u8","protocol":"m3u8_native","vcodec":"avc1","acodec":"mp4a","width":1920,"height":1080,"fps":60,"tbr":7000,
     "http_headers":{"User-Agent":"x","Evil":"a\r\nb"}},
    {"format_id":"94","url":"http://a/94.m3u8","protocol":"m3u8_native","vcodec":"avc1","acodec":"mp4a","width":854,"height":480,"fps":30,"tbr":1000},
    {"format_id":"sb0","url":"http://a/sb","protocol":"mhtml","vcodec":"none","acodec":"none"},
    null]})";

TEST(Resolution, is_read_from_yt_dlp_s_json) {
  const auto resolution = parse_resolution(kLive);
  ASSERT_TRUE(resolution);
  EXPECT_EQ(resolution->video_id, "abcdefghijk");
  EXPECT_EQ(resolution->live_status, LiveStatus::is_live);
  EXPECT_EQ(resolution->formats.size(), 4u);
}

TEST(Resolution, keeps_no_header_that_would_smuggle_another) {
  const auto resolution = parse_resolution(kLive);
  EXPECT_EQ(resolution->formats[1].headers, std::vector<std::string>{"User-Agent: x"});
}

TEST(Resolution, refuses_garbage) {
  for (const auto* text : {"", "null", "[]", "<html>", "{"})
    EXPECT_EQ(parse_resolution(text).error().kind, ErrorKind::no_resolver) << text;
}

TEST(Resolution, is_read_from_two_lines) {
  const auto resolution = parse_resolution(
      R"({"id": "abcdefghijk", "live_status": "is_live"})"
      "\n"
      R"([{"format_id": "137", "url": "https://h/videoplayback?id=a.1&live=1", "protocol": "https"},)"
      R"({"format_id": "136", "url": "https://h/videoplayback?id=a&clen=5", "protocol": "https"},)"
      R"({"format_id": "0", "url": "https://h/videoplayback?live=1", "protocol": "https", "has_drm": true}])"
      "\n");
  ASSERT_TRUE(resolution);
  ASSERT_EQ(resolution->formats.size(), 2u);
  EXPECT_TRUE(resolution->formats[0].fragments);
  EXPECT_FALSE(resolution->formats[1].fragments);
}

TEST(Resolution, has_no_date_that_no_calendar_has) {
  EXPECT_EQ(parse_resolution(R"({"id": "a", "release_timestamp": 1795420931})")->release_at,
            from_rfc3339("2026-11-23T08:02:11Z"));
  for (const auto* number : {"1e300", "253402300800", "-1", "0", "null", "\"soon\""})
    EXPECT_FALSE(parse_resolution(fmt::format(R"({{"id": "a", "release_timestamp": {}}})", number))->release_at)
        << number;
}

TEST(Resolution, has_no_formats_where_the_second_line_says_so) {
  const auto resolution = parse_resolution("{\"id\": \"abcdefghijk\", \"live_status\": \"is_upcoming\"}\nNA\n");
  ASSERT_TRUE(resolution);
  EXPECT_TRUE(resolution->formats.empty());
  EXPECT_EQ(resolution->live_status, LiveStatus::is_upcoming);
}

TEST(Resolution, marks_what_lacks_a_token) {
  const auto resolution = parse_resolution(
      R"({"id": "abcdefghijk"})"
      "\n"
      R"([{"format_id": "137", "url": "http://a", "format_note": "1080p, MISSING POT"}, {"format_id": "136", "format_note": "720p"}])"
      "\n");
  ASSERT_TRUE(resolution);
  EXPECT_TRUE(resolution->formats[0].token_missing);
  EXPECT_FALSE(resolution->formats[1].token_missing);
}

// As yt-dlp lists them: the best last, with guesses that need not be there.
TEST(Resolution, knows_pictures_that_players_can_show_first) {
  const auto resolution = parse_resolution(
      R"({"id": "abcdefghijk", "thumbnail": "http://h/max.webp"})"
      "\n[]\n"
      R"([{"url": "http://h/other.jpg", "preference": -39}, {"url": "http://h/hq.jpg?sqp=x", "preference": -3}, null, {},)"
      R"({"url": "http://h/max.jpg", "preference": -1}, {"url": "http://h/max.webp", "preference": 0}])"
      "\n");
  ASSERT_TRUE(resolution);
  EXPECT_EQ(resolution->thumbnails, (std::vector<std::string>{"http://h/max.jpg", "http://h/hq.jpg?sqp=x",
                                                              "http://h/other.jpg", "http://h/max.webp"}));
  EXPECT_EQ(parse_resolution(R"({"id": "a", "thumbnail": "http://h/t.jpg"})")->thumbnails,
            std::vector<std::string>{"http://h/t.jpg"});
}

TEST(Resolution, has_its_description_if_that_can_be_read) {
  const std::string begin = "{\"id\": \"abcdefghijk\"}\n[]\nNA\n";
  EXPECT_EQ(parse_resolution(begin + R"({"description": "What\nit says"})")->description, "What\nit says");
  for (const auto* broken : {R"({"description": "\ud83d"})", R"({"description": null})", "NA", "", "{"}) {
    const auto resolution = parse_resolution(begin + broken);
    ASSERT_TRUE(resolution) << broken;
    EXPECT_EQ(resolution->description, "");
    EXPECT_EQ(resolution->video_id, "abcdefghijk");
  }
  const auto longest = parse_resolution(begin + "{\"description\": \"" + std::string(100'000, 'x') + "\"}");
  EXPECT_EQ(longest->description.size(), 64u << 10);
}

TEST(Complaint, is_turned_into_the_kind_that_it_means) {
  const std::pair<const char*, ErrorKind> cases[] = {
      {"ERROR: [youtube] x: Sign in to confirm you\xE2\x80\x99re not a bot.", ErrorKind::bot_check},
      {"ERROR: [youtube] x: Private video. Sign in if you've been granted access", ErrorKind::private_video},
      {"ERROR: [youtube] x: Join this channel to get access to members-only content", ErrorKind::members_only},
      {"ERROR: [youtube] x: This live event will begin in 3 hours.", ErrorKind::upcoming},
      {"ERROR: [youtube] x: This live stream recording is not available.", ErrorKind::ended},
      {"ERROR: [youtube] x: The uploader has not made this video available in your country", ErrorKind::geo_blocked},
      {"ERROR: [youtube:tab] @x: The channel is not currently live", ErrorKind::not_live},
      {"ERROR: [youtube] x: Video unavailable", ErrorKind::not_found},
      {"WARNING: [youtube] HTTP Error 404: Not Found. Retrying (1/3)...\nERROR: HTTP Error 403: Forbidden",
       ErrorKind::forbidden},
      {"Segmentation fault", ErrorKind::no_resolver}};
  for (const auto& [words, kind] : cases) EXPECT_EQ(classify_complaint(words).kind, kind) << words;
}

TEST(Complaint, of_a_plugin_for_tokens_is_found) {
  EXPECT_EQ(
      token_complaint("WARNING: [youtube] x: Some formats are missing\n"
                      "WARNING: [youtube] [pot:bgutil:http] Error reaching GET http://127.0.0.1:4416/ping. Mend it\n"
                      "WARNING: [youtube] [pot] Another one\n"),
      "Error reaching GET http://127.0.0.1:4416/ping. Mend it");
  EXPECT_EQ(token_complaint("ERROR: [youtube] x: Private video"), "");
  EXPECT_EQ(token_complaint("WARNING: [pot"), "[pot");
}

// A program that stands in for yt-dlp where the real one could not be made to fail so.
class StandIn : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("aircheck-resolver-" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Result<Resolution> ask(const std::string& script, milliseconds limit = milliseconds{20'000},
                         std::vector<std::string> arguments = {}, const Approach& approach = {}) {
    const auto program = folder / "yt-dlp";
    std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    net::Loop loop({});
    Resolver resolver(loop, {.program = program.string(), .extra_arguments = arguments, .time_limit = limit});
    Result<Resolution> answer = fail(ErrorKind::internal, "not called");
    resolver.resolve("https://example.org/", approach, [&](auto resolution) {
      answer = std::move(resolution);
      loop.stop();
    });
    loop.run();
    return answer;
  }
};

TEST_F(StandIn, garbage_is_an_error_with_words) { EXPECT_EQ(ask("echo hello").error().kind, ErrorKind::no_resolver); }

TEST_F(StandIn, hanging_is_ended_by_the_time_limit) {
  const auto answer = ask("sleep 1000", milliseconds{200});
  EXPECT_EQ(answer.error().kind, ErrorKind::no_resolver);
  EXPECT_NE(answer.error().message.find("did not answer"), std::string::npos);
}

TEST_F(StandIn, endless_output_is_cut_off) {
  EXPECT_NE(ask("yes").error().message.find("printed more than"), std::string::npos);
}

TEST_F(StandIn, its_children_are_ended_with_it) {
  const auto mark = folder / "pid";
  ask("sleep 1000 & echo $! > " + mark.string() + "; exec yes");  // which ends it: that is too much
  int pid = 0;
  std::ifstream(mark) >> pid;
  ASSERT_GT(pid, 0);
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return;  // gone already
  pollfd ended{descriptor, POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 10'000), 1);  // readable once it has ended, reaped or not
  ::close(descriptor);
}

// The option counts once for yt-dlp: the last one would take ours away.
TEST_F(StandIn, the_wish_for_fragments_is_added_to_the_users_own) {
  const auto mark = folder / "arguments";
  const auto tell = "echo \"$@\" > " + mark.string();
  const auto said = [&] {
    std::ifstream in(mark);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  ask(tell);
  EXPECT_NE(said().find("--extractor-args youtube:formats=incomplete"), std::string::npos) << said();
  ask(tell, milliseconds{20'000}, {"--extractor-args", "youtube:player_client=tv"});
  EXPECT_NE(said().find("youtube:player_client=tv;formats=incomplete"), std::string::npos) << said();
  ask(tell, milliseconds{20'000}, {"--extractor-args=youtube:formats=dashy"});
  EXPECT_EQ(said().find("incomplete"), std::string::npos) << said();
}

TEST(YtDlpCommand, says_who_asks_and_from_where) {
  const ResolverOptions options{.program = "y", .extra_arguments = {"-x"}, .cookies_file = "c.txt"};
  const auto said = [&](const Approach& approach) {
    return fmt::format("{} ", fmt::join(yt_dlp_command(options, approach, "formats=a").arguments, " "));
  };
  EXPECT_NE(said({}).find("--cookies c.txt"), std::string::npos);
  EXPECT_EQ(said({}).find("--proxy"), std::string::npos);
  const auto tv = said({.client = "tv", .anonymous = true, .proxy = "http://p"});
  EXPECT_EQ(tv.find("--cookies"), std::string::npos) << tv;
  EXPECT_NE(tv.find("--proxy http://p "), std::string::npos) << tv;
  EXPECT_NE(tv.find("-x --extractor-args youtube:formats=a;player_client=tv "), std::string::npos) << tv;
}

TEST(YtDlpCommand, leaves_the_client_that_the_user_names) {
  const ResolverOptions options{.extra_arguments = {"--extractor-args", "youtube:player_client=web"}};
  EXPECT_TRUE(names_client(options.extra_arguments));
  EXPECT_FALSE(names_client({"--extractor-args", "youtube:formats=dashy"}));
  const auto arguments = yt_dlp_command(options, {.client = "tv"}, {}).arguments;
  EXPECT_EQ(arguments.back(), "youtube:player_client=web");
}

TEST_F(StandIn, a_complaint_on_standard_error_is_understood) {
  EXPECT_EQ(ask("echo 'ERROR: [youtube] x: Private video' >&2; echo null; exit 1").error().kind,
            ErrorKind::private_video);
}

TEST_F(StandIn, is_missing_where_its_exit_status_says_so) {
  EXPECT_NE(ask("exit 127").error().message.find("--yt-dlp"), std::string::npos);
}

TEST(Resolver, says_how_to_mend_a_missing_program) {
  net::Loop loop({});
  Resolver resolver(loop, {.program = "/nonexistent/yt-dlp"});
  Result<Resolution> answer = fail(ErrorKind::internal, "not called");
  resolver.resolve("https://example.org/", {}, [&](auto resolution) {
    answer = std::move(resolution);
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(answer.error().kind, ErrorKind::no_resolver);
  EXPECT_NE(answer.error().message.find("--yt-dlp"), std::string::npos);
}

}  // namespace
}  // namespace aircheck::capture
