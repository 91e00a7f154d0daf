#include "capture/choice.hpp"

#include <gtest/gtest.h>

namespace aircheck::capture {
namespace {

Format hls(std::string id, std::uint32_t height, double rate, double bitrate) {
  return {.id = std::move(id),
          .url = "http://m",
          .protocol = "m3u8_native",
          .video = true,
          .audio = true,
          .height = height,
          .frame_rate = rate,
          .bitrate = bitrate};
}
Format fragments(std::string id, std::uint32_t height, double rate, double bitrate) {
  return {.id = std::move(id),
          .url = "http://f",
          .protocol = "https",
          .video = true,
          .height = height,
          .frame_rate = rate,
          .bitrate = bitrate,
          .fragments = true};
}
Format sound(std::string id, double bitrate, double preference = 0) {
  return {.id = std::move(id),
          .url = "http://s",
          .protocol = "https",
          .audio = true,
          .bitrate = bitrate,
          .fragments = true,
          .preference = preference};
}

Resolution offer(std::vector<Format> formats) {
  Resolution out;
  out.formats = std::move(formats);
  return out;
}

std::string chosen(const Resolution& resolution, const Wish& wish = {}) {
  const auto choice = choose_formats(resolution, wish);
  if (!choice) return choice.error().message;
  EXPECT_FALSE(choice->why.empty());
  return choice->video.id + (choice->audio ? "+" + choice->audio->id : "");
}

const Resolution kHls = offer({hls("96", 1080, 30, 4000), hls("301", 1080, 60, 7000), hls("94", 480, 30, 1000)});
const Resolution kBoth = offer({hls("96", 1080, 0, 4000), sound("140", 128), sound("251", 140),
                                fragments("137", 1080, 30, 4500), fragments("248", 1080, 30, 2500)});

Resolution live(std::vector<Format> formats) {
  auto out = offer(std::move(formats));
  out.live_status = LiveStatus::is_live;
  return out;
}

Rung way(const Resolution& resolution, std::vector<Rung> barred) {
  const auto choice = choose_formats(resolution, {.barred = std::move(barred)});
  return choice ? choice->rung : throw std::runtime_error(choice.error().message);
}

TEST(Choice, leaves_to_yt_dlp_what_only_it_can_fetch) {
  Format unknown{.id = "x", .protocol = "sabr", .video = true, .audio = true};
  EXPECT_EQ(way(live({unknown}), {}), Rung::pipe);
  EXPECT_FALSE(choose_formats(offer({unknown}), {})) << "what is no live stream would come from its begin";
  Format pictures{.id = "sb0", .protocol = "mhtml"};
  EXPECT_FALSE(choose_formats(live({pictures}), {}));
}

TEST(Choice, leaves_to_yt_dlp_what_refuses_us) {
  const auto both = live({hls("96", 1080, 30, 4'000), fragments("137", 1080, 30, 4'000)});
  EXPECT_EQ(way(both, {Rung::fragments}), Rung::hls);
  EXPECT_EQ(way(both, {Rung::fragments, Rung::hls}), Rung::pipe);
  EXPECT_EQ(way(both, {Rung::fragments, Rung::hls, Rung::pipe}), Rung::hls)
      << "one that has failed is better than none";
  EXPECT_EQ(way(live({hls("96", 1080, 30, 4'000)}), {Rung::hls}), Rung::pipe);
}

TEST(Choice, prefers_resolution_then_frame_rate) {
  EXPECT_EQ(chosen(kHls), "301");
  EXPECT_EQ(chosen(kHls, {.quality = "720"}), "94");
  EXPECT_EQ(chosen(kHls, {.quality = "worst"}), "94");
}

TEST(Choice, pairs_a_video_without_sound_with_the_best_audio) {
  Resolution resolution;
  resolution.formats = {{.id = "v", .url = "http://v", .protocol = "m3u8", .video = true},
                        {.id = "a1", .url = "http://a1", .protocol = "m3u8", .audio = true, .bitrate = 64},
                        {.id = "a2", .url = "http://a2", .protocol = "m3u8", .audio = true, .bitrate = 128}};
  EXPECT_EQ(chosen(resolution), "v+a2");
}

TEST(Choice, takes_sound_alone_where_that_is_asked_for_and_offered) {
  auto resolution = kHls;
  EXPECT_EQ(chosen(resolution, {.quality = "audio"}), "301");
  resolution.formats.push_back({.id = "234", .url = "http://a", .protocol = "m3u8", .audio = true, .bitrate = 128});
  EXPECT_EQ(chosen(resolution, {.quality = "audio"}), "234");
}

TEST(Choice, says_so_when_there_is_nothing) { EXPECT_EQ(choose_formats({}, {}).error().kind, ErrorKind::unsupported); }

TEST(Choice, takes_fragments_where_they_are_no_worse) { EXPECT_EQ(chosen(kBoth), "137+251"); }

TEST(Choice, takes_hls_where_it_has_more_lines_or_frames) {
  auto resolution = kBoth;
  resolution.formats.push_back(hls("301", 1080, 60, 7000));
  EXPECT_EQ(chosen(resolution), "301");
  resolution.formats.push_back(fragments("308", 1440, 60, 9000));
  EXPECT_EQ(chosen(resolution), "308+251");
  EXPECT_EQ(chosen(resolution, {.quality = "1080"}), "301");
}

TEST(Choice, takes_fragments_to_reach_back) {
  auto resolution = kBoth;
  resolution.formats.push_back(hls("301", 1080, 60, 7000));
  EXPECT_EQ(chosen(resolution, {.reaches_back = true}), "137+251");
}

TEST(Choice, does_not_take_a_way_that_failed_but_where_there_is_no_other) {
  EXPECT_EQ(chosen(kBoth, {.barred = {Rung::fragments}}), "96");
  EXPECT_EQ(chosen(kHls, {.barred = {Rung::hls}}), "301");
}

TEST(Choice, keeps_what_a_recording_is_made_of) {
  EXPECT_EQ(chosen(kBoth, {.keep = Rung::hls, .formats = {"96"}}), "96");
  EXPECT_EQ(chosen(kBoth, {.keep = Rung::fragments, .formats = {"248", "140"}}), "248+140");
  EXPECT_EQ(chosen(kBoth, {.keep = Rung::fragments, .formats = {"399", "140"}}), "137+140");
}

TEST(Choice, takes_the_original_sound_before_a_dubbed_one) {
  auto resolution = kBoth;
  resolution.formats.push_back(sound("140-1", 300, -1));
  resolution.formats.push_back(sound("140-0", 100, 10));
  EXPECT_EQ(chosen(resolution), "137+140-0");
}

TEST(Choice, takes_hls_where_fragments_have_no_sound) {
  EXPECT_EQ(chosen(offer({hls("96", 720, 30, 4000), fragments("137", 1080, 30, 4500)})), "96");
}

Format without_token(Format format) {
  format.token_missing = true;
  return format;
}

std::string lacking(const Resolution& resolution, const Wish& wish = {}) {
  const auto choice = choose_formats(resolution, wish);
  return choice ? choice->lacking : choice.error().message;
}

TEST(Choice, leaves_what_lacks_a_token_for_the_end) {
  const auto both =
      live({hls("96", 1080, 30, 4000), without_token(fragments("313", 2160, 60, 20'000)), sound("140", 128)});
  EXPECT_EQ(chosen(both), "96");
  EXPECT_EQ(lacking(both), "2160p60 by fragments");
  EXPECT_EQ(lacking(both, {.quality = "1080"}), "2160p60 by fragments") << "the smallest there is";
  EXPECT_EQ(chosen(both, {.barred = {Rung::hls}}), "313+140") << "rather refused than sound alone";
  const auto all_lack = live(
      {hls("96", 1080, 30, 4000), without_token(fragments("137", 1080, 30, 4500)), without_token(sound("140", 128))});
  EXPECT_EQ(chosen(all_lack, {.barred = {Rung::hls}}), "of its choice") << "yt-dlp's own download does without it too";
  EXPECT_EQ(chosen(live({without_token(hls("96", 1080, 30, 4000))})), "96") << "rather refused than not tried";
}

TEST(Choice, says_nothing_of_tokens_that_would_give_no_more) {
  auto resolution = kBoth;
  resolution.formats.push_back(without_token(fragments("299", 1080, 30, 9000)));
  EXPECT_EQ(chosen(resolution), "137+251");
  EXPECT_EQ(lacking(resolution), "");
  resolution.formats.push_back(without_token(fragments("308", 1440, 60, 9000)));
  EXPECT_EQ(chosen(resolution), "137+251");
  EXPECT_EQ(lacking(resolution), "1440p60 by fragments");
  EXPECT_EQ(lacking(resolution, {.quality = "1080"}), "");
}

TEST(Choice, of_a_playlist_to_look_into) {
  EXPECT_EQ(playlist_beside(kHls)->id, "94");
  EXPECT_FALSE(playlist_beside(offer({fragments("137", 1080, 30, 4500), without_token(hls("91", 144, 30, 100))})));
}

Format named(Format format, std::string video, std::string audio = {}) {
  format.video_codec = std::move(video);
  format.audio_codec = std::move(audio);
  return format;
}

std::string like(const media::Track& track, Rung rung, const Resolution& resolution) {
  const auto format = format_like(track, rung, resolution);
  return format ? format->id : "none";
}

// For what is missing of a file and cannot be had any more by the way that it was recorded by.
TEST(Choice, of_a_format_like_a_track_of_a_file) {
  const auto resolution = offer(
      {named(hls("96", 1080, 30, 4000), "avc1.640028", "mp4a.40.2"),
       named(hls("91", 144, 30, 100), "avc1", "mp4a.40.5"), named(fragments("137", 1080, 30, 4500), "avc1.640028"),
       named(fragments("299", 1080, 60, 6000), "avc1.64002a"), named(fragments("136", 720, 30, 2000), "avc1.4d401f"),
       named(fragments("248", 1080, 30, 2500), "vp9"), named(sound("140", 128), {}, "mp4a.40.2"),
       named(sound("251", 140), {}, "opus")});
  media::Track track{.codec = media::Codec::h264, .height = 1080, .default_duration = nanoseconds{33'333'333}};
  EXPECT_EQ(like(track, Rung::fragments, resolution), "137");
  EXPECT_EQ(like(track, Rung::hls, resolution), "96");
  track.height = 480;
  EXPECT_EQ(like(track, Rung::fragments, resolution), "136");
  track.codec = media::Codec::av1;
  EXPECT_EQ(like(track, Rung::fragments, resolution), "none");
  const media::Track aac{.kind = media::TrackKind::audio, .codec = media::Codec::aac},
      opus{.kind = media::TrackKind::audio, .codec = media::Codec::opus};
  EXPECT_EQ(like(aac, Rung::fragments, resolution), "140");
  EXPECT_EQ(like(opus, Rung::fragments, resolution), "251");
  EXPECT_EQ(like(aac, Rung::hls, resolution), "96");
  EXPECT_EQ(like(opus, Rung::hls, resolution), "none");
}

}  // namespace
}  // namespace aircheck::capture
