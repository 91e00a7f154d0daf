// The init section: moov and what it says of the tracks. Fragments: fmp4.cpp.
#include <fmt/core.h>

#include <algorithm>

#include "media/fmp4.hpp"
#include "media/fmp4_box.hpp"
#include "media/fmp4_sample_entry.hpp"
#include "media/fmp4_time.hpp"

namespace aircheck::media {
namespace {

// Two times of 32 or 64 bits each, then the timescale: as mvhd and mdhd begin.
std::uint32_t read_timescale(ByteView header) {
  ByteReader in(header);
  const auto box = FullBox::read(in);
  in.skip(box.version == 1 ? 16 : 8);
  return in.u32();
}

std::uint32_t read_track_id(ByteView tkhd) {
  ByteReader in(tkhd);
  const auto box = FullBox::read(in);
  in.skip(box.version == 1 ? 16 : 8);
  return in.u32();
}

// ISO/IEC 14496-12 §8.6.6: empty edits delay the track, the first other one says which of its times comes first. Anything
// beyond that is for edited files, not for live streams.
nanoseconds read_edit_shift(ByteView elst, std::uint32_t movie_scale, std::uint32_t timescale) {
  ByteReader in(elst);
  const auto box = FullBox::read(in);
  nanoseconds delay{0};
  for (auto left = in.u32(); left > 0 && in.ok(); --left) {
    const auto duration = box.wide(in);
    const auto media_time =
        box.version == 1 ? static_cast<std::int64_t>(in.u64()) : static_cast<std::int32_t>(in.u32());
    in.skip(4);
    if (!in.ok() || !representable(duration, movie_scale)) break;
    if (media_time >= 0)
      return representable(static_cast<std::uint64_t>(media_time), timescale) ? delay - to_time(media_time, timescale)
                                                                              : delay;
    delay = std::min<nanoseconds>(delay + to_time(static_cast<std::int64_t>(duration), movie_scale),
                                  std::chrono::hours{24});
  }
  return delay;
}

SampleDefaults read_defaults(ByteView mvex, std::uint32_t track_id) {
  BoxReader boxes(mvex);
  while (const auto box = boxes.next()) {
    ByteReader in(box->body);
    in.skip(4);
    if (box->type != box_type("trex") || in.u32() != track_id) continue;
    in.skip(4);  // sample description: the first, or fragments are refused
    const auto duration = in.u32(), size = in.u32();
    return {duration, size, in.u32()};
  }
  return {};
}

// A box inside boxes; empty where there is none.
template <class... Types>
ByteView descend(ByteView bytes, Types... types) {
  for (const auto type : {types...}) bytes = find_box(bytes, type).value_or(ByteView{});
  return bytes;
}

bool is_media(ByteView mdia) {
  ByteReader in(descend(mdia, box_type("hdlr")));
  in.skip(8);
  const auto handler = in.u32();
  return handler == box_type("vide") || handler == box_type("soun");
}

ByteView sample_description(ByteView trak) {
  return descend(trak, box_type("mdia"), box_type("minf"), box_type("stbl"), box_type("stsd"));
}

struct Movie {
  std::uint32_t timescale = 0;
  ByteView mvex;
};

Result<Fmp4Track> parse_track(ByteView trak, const Movie& movie) {
  const auto mdia = descend(trak, box_type("mdia"));
  Fmp4Track out;
  out.track = TRY(parse_sample_description(sample_description(trak)));
  out.track.id = read_track_id(descend(trak, box_type("tkhd")));
  out.timescale = read_timescale(descend(mdia, box_type("mdhd")));
  if (out.timescale == 0) return fail(ErrorKind::corrupt, "a track has no timescale");
  out.shift = read_edit_shift(descend(trak, box_type("edts"), box_type("elst")), movie.timescale, out.timescale);
  out.defaults = read_defaults(movie.mvex, out.track.id);
  if (out.defaults.duration > 0 && out.track.kind == TrackKind::video)
    out.track.default_duration = to_time(out.defaults.duration, out.timescale);
  return out;
}

// Takes the first track of each kind: a recording has one picture and one sound.
void add_track(Fmp4Track track, Fmp4Init& init) {
  const auto same = [&track](const auto& other) { return other.track.kind == track.track.kind; };
  if (std::ranges::any_of(init.tracks, same)) {
    init.left_out.push_back(fmt::format("track {}: there is another of its kind", track.track.id));
    return;
  }
  const auto place = track.track.kind == TrackKind::video ? init.tracks.begin() : init.tracks.end();
  init.tracks.insert(place, std::move(track));
}

}  // namespace

Result<Fmp4Init> parse_fmp4_init(ByteView bytes) {
  constexpr std::size_t kMostTracks = 32;
  const auto moov = find_box(bytes, box_type("moov"));
  if (!moov) return fail(ErrorKind::corrupt, "the init section has no moov box, or is cut off");
  const Movie movie{read_timescale(descend(*moov, box_type("mvhd"))), descend(*moov, box_type("mvex"))};
  Fmp4Init out;
  BoxReader boxes(*moov);
  std::size_t seen = 0;
  while (const auto box = boxes.next()) {
    if (box->type != box_type("trak") || !is_media(descend(box->body, box_type("mdia")))) continue;
    if (++seen > kMostTracks) break;
    if (is_encrypted(sample_description(box->body)))
      return fail(ErrorKind::unsupported, "the media is encrypted for players with DRM and cannot be recorded");
    auto track = parse_track(box->body, movie);
    if (track) add_track(std::move(*track), out);
    else if (track.error().kind == ErrorKind::unsupported) out.left_out.push_back(track.error().message);
    else return std::unexpected(track.error());
  }
  if (boxes.cut()) return fail(ErrorKind::corrupt, "the init section is cut off");
  if (!out.tracks.empty()) return out;
  if (out.left_out.empty()) return fail(ErrorKind::corrupt, "the init section has no tracks");
  return fail(ErrorKind::unsupported, fmt::format("nothing that can be recorded: {}", out.left_out.front()));
}

}  // namespace aircheck::media
