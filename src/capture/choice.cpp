#include "capture/choice.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace aircheck::capture {
namespace {

bool is_of(const Format& format, Rung rung) {
  if (format.url.empty()) return false;
  return rung == Rung::fragments ? format.fragments : format.protocol.starts_with("m3u8");
}

// Lines and frames: what decides between ways. Lists of HLS variants often leave the frame rate out.
auto extent(const Format& format) { return std::tuple(format.height, format.frame_rate > 31); }

auto rank(const Format& format) { return std::tuple(format.height, format.frame_rate, format.audio, format.bitrate); }

std::vector<Format> sorted_video(const Resolution& resolution, Rung rung) {
  std::vector<Format> out;
  std::ranges::copy_if(resolution.formats, std::back_inserter(out),
                       [rung](const Format& format) { return is_of(format, rung) && format.video; });
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return rank(a) > rank(b); });
  return out;
}

bool is_kept(const Format& format, const Wish& wish) {
  return std::ranges::find(wish.formats, format.id) != wish.formats.end();
}

std::optional<Format> best_audio(const Resolution& resolution, Rung rung, const Wish& wish) {
  const auto audio_rank = [&](const Format& f) { return std::tuple(is_kept(f, wish), f.preference, f.bitrate); };
  std::optional<Format> best;
  for (const auto& format : resolution.formats)
    if (is_of(format, rung) && format.audio && !format.video && (!best || audio_rank(format) > audio_rank(*best)))
      best = format;
  return best;
}

std::uint32_t lines_of(std::string_view quality) {
  std::uint32_t lines = 0;
  for (const char c : quality) {
    if (c < '0' || c > '9') break;
    lines = lines * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return lines;
}

const Format& pick(const std::vector<Format>& sorted, const Wish& wish) {
  const auto kept = std::ranges::find_if(sorted, [&](const Format& format) { return is_kept(format, wish); });
  if (kept != sorted.end()) return *kept;
  if (wish.quality == "worst") return sorted.back();
  const auto lines = lines_of(wish.quality);
  if (lines == 0) return sorted.front();
  const auto fits = std::ranges::find_if(sorted, [lines](const Format& format) { return format.height <= lines; });
  return fits == sorted.end() ? sorted.back() : *fits;
}

std::optional<Choice> choose_on(Rung rung, const Resolution& resolution, const Wish& wish) {
  if (std::ranges::find(wish.barred, rung) != wish.barred.end()) return {};
  const auto videos = sorted_video(resolution, rung);
  const auto audio = best_audio(resolution, rung, wish);
  if (videos.empty() && !audio) return {};
  if (videos.empty() || (wish.quality == "audio" && audio)) return Choice{rung, *audio, {}, {}};
  Choice choice{rung, pick(videos, wish), {}, {}};
  if (!choice.video.audio) choice.audio = audio;
  return choice;
}

bool has_sound(const Choice& choice) { return choice.audio || choice.video.audio; }

std::string lines_in_words(const Format& format) {
  return format.frame_rate > 0 ? fmt::format("{}p{:.4g}", format.height, format.frame_rate)
                               : fmt::format("{}p", format.height);
}

// By reference: the reason may speak of the choice.
Choice because(Choice&& choice, std::string why) {
  choice.why = std::move(why);
  return std::move(choice);
}

Choice prefer(Choice fragments, Choice hls, const Wish& wish) {
  const auto more = extent(fragments.video), less = extent(hls.video);
  if (!has_sound(fragments) && has_sound(hls)) return because(std::move(hls), "only HLS has sound");
  if (wish.keep == Rung::hls && more <= less) return because(std::move(hls), "it was recorded that way so far");
  if (more > less)
    return because(std::move(fragments),
                   fmt::format("{} instead of HLS's {}", lines_in_words(fragments.video), lines_in_words(hls.video)));
  if (wish.reaches_back) return because(std::move(fragments), "only fragments reach back");
  if (more < less)
    return because(std::move(hls), fmt::format("{} instead of the fragments' {}", lines_in_words(hls.video),
                                               lines_in_words(fragments.video)));
  return because(std::move(fragments), "they stay fetchable for days");
}

// By this way what is over would come from its begin.
std::optional<Choice> choose_pipe(const Resolution& resolution, const Wish& wish) {
  if (std::ranges::find(wish.barred, Rung::pipe) != wish.barred.end()) return {};
  const bool any = std::ranges::any_of(resolution.formats, [](const auto& f) { return f.video || f.audio; });
  if (!any || resolution.live_status != LiveStatus::is_live) return {};
  return Choice{.rung = Rung::pipe, .video = {.id = "of its choice"}, .audio = {}, .why = {}};
}

// The names that RFC 6381 has for a codec.
bool may_be(media::Codec codec, std::string_view name) {
  const auto is_one_of = [name](std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [name](auto prefix) { return name.starts_with(prefix); });
  };
  if (name.empty()) return true;
  switch (codec) {
    case media::Codec::h264: return is_one_of({"avc1", "avc3"});
    case media::Codec::hevc: return is_one_of({"hvc1", "hev1"});
    case media::Codec::av1: return is_one_of({"av01"});
    case media::Codec::vp9: return is_one_of({"vp9", "vp09"});
    case media::Codec::aac: return is_one_of({"mp4a"});
    case media::Codec::mp3: return is_one_of({"mp3", "mp4a.40.34", "mp4a.6"});
    case media::Codec::opus: return is_one_of({"opus", "Opus"});
    case media::Codec::ac3: return is_one_of({"ac-3"});
  }
  return false;
}

// The greater the liker.
auto likeness(const Format& format, const media::Track& track) {
  const bool picture = track.kind == media::TrackKind::video;
  const auto lines = picture ? std::abs(static_cast<std::int64_t>(format.height) - track.height) : 0;
  const auto usual = static_cast<double>(track.default_duration.count());
  const auto rate = picture && usual > 0 && format.frame_rate > 0 ? std::abs(format.frame_rate - 1e9 / usual) : 0;
  const bool alone = picture ? !format.audio : !format.video;
  const bool served = !format.token_missing;
  const bool named = !(picture ? format.video_codec : format.audio_codec).empty();
  return std::tuple(served, named, -lines, -rate, alone, format.preference, format.bitrate);
}

bool choose_any(const Resolution& resolution, const Wish& wish) {
  return choose_on(Rung::fragments, resolution, wish) || choose_on(Rung::hls, resolution, wish) ||
         choose_pipe(resolution, wish);
}

Result<Choice> choose_among(const Resolution& resolution, const Wish& wish);

// What would be taken if YouTube did not want a token with it, where that is more than what is.
std::string lacking(const Resolution& all, const Wish& wish, const Choice& taken) {
  const auto best = choose_among(all, wish);
  if (!best || !best->video.token_missing) return {};
  const bool stays_fetchable = best->rung == Rung::fragments && taken.rung != Rung::fragments;
  if (!stays_fetchable && extent(best->video) <= extent(taken.video)) return {};
  return fmt::format("{} by {}", lines_in_words(best->video), in_words(best->rung));
}

// What lacks a token is refused, at once or half a minute later.
std::optional<Choice> choose_without_tokens(const Resolution& all, const Wish& wish) {
  const auto lacks = [](const Format& format) { return format.token_missing; };
  if (std::ranges::none_of(all.formats, lacks)) return {};
  auto served = all;
  std::erase_if(served.formats, lacks);
  if (!choose_any(served, wish)) return {};
  auto choice = choose_among(served, wish);
  const bool no_picture = choice && choice->rung != Rung::pipe && !choice->video.video && wish.quality != "audio";
  if (!choice || (no_picture && std::ranges::any_of(all.formats, &Format::video))) return {};
  choice->lacking = lacking(all, wish, *choice);
  if (!choice->lacking.empty()) choice->why += fmt::format("; {} would want a PO token", choice->lacking);
  return *std::move(choice);
}

Result<Choice> choose_among(const Resolution& resolution, const Wish& wish) {
  if (!wish.barred.empty()) {
    auto open = wish;
    // A way that has failed is better than none.
    if (open.barred.clear(); !choose_any(resolution, wish)) return choose_among(resolution, open);
  }
  auto fragments = choose_on(Rung::fragments, resolution, wish);
  auto hls = choose_on(Rung::hls, resolution, wish);
  if (fragments && hls) return prefer(std::move(*fragments), std::move(*hls), wish);
  if (fragments) return because(std::move(*fragments), "no HLS is offered");
  if (hls) return because(std::move(*hls), "no fragments are offered");
  if (auto pipe = choose_pipe(resolution, wish))
    return because(std::move(*pipe), wish.barred.empty() ? "neither fragments nor HLS are offered" : "the others fail");
  return fail(ErrorKind::unsupported, "yt-dlp offers no format of this stream that we can fetch");
}

}  // namespace

std::string_view in_words(Rung rung) {
  switch (rung) {
    case Rung::fragments: return "fragments";
    case Rung::pipe: return "yt-dlp's own download";
    default: return "HLS";
  }
}

std::optional<Format> playlist_beside(const Resolution& resolution) {
  const Format* smallest = nullptr;
  for (const auto& format : resolution.formats) {
    if (!is_of(format, Rung::hls) || !format.video || format.token_missing) continue;
    if (!smallest || rank(format) < rank(*smallest)) smallest = &format;
  }
  return smallest ? std::optional(*smallest) : std::nullopt;
}

std::optional<Format> format_like(const media::Track& track, Rung rung, const Resolution& resolution) {
  const bool picture = track.kind == media::TrackKind::video;
  const Format* best = nullptr;
  for (const auto& format : resolution.formats) {
    if (!is_of(format, rung) || !(picture ? format.video : format.audio)) continue;
    if (!may_be(track.codec, picture ? format.video_codec : format.audio_codec)) continue;
    if (!best || likeness(format, track) > likeness(*best, track)) best = &format;
  }
  return best ? std::optional(*best) : std::nullopt;
}

Result<Choice> choose_formats(const Resolution& resolution, const Wish& wish) {
  if (auto choice = choose_without_tokens(resolution, wish)) return *std::move(choice);
  return choose_among(resolution, wish);
}

}  // namespace aircheck::capture
