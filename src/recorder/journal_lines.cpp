#include <fmt/core.h>

#include "base/json.hpp"
#include "core/job_json.hpp"
#include "recorder/journal.hpp"

namespace aircheck::recorder {
namespace {

using nlohmann::json;

std::string to_hex(ByteView bytes) {
  std::string out;
  for (const auto byte : bytes) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

// What is not known is left out.
json to_json(const media::Colour& colour) {
  json out{{"primaries", colour.primaries},
           {"transfer", colour.transfer},
           {"matrix", colour.matrix},
           {"range", static_cast<int>(colour.range)}};
  if (colour.max_cll != 0 || colour.max_fall != 0) out["light"] = {colour.max_cll, colour.max_fall};
  if (const auto& display = colour.mastering) {
    out["display"] = display->chromaticities;
    out["luminance"] = {display->max_luminance, display->min_luminance};
  }
  return out;
}

json to_json(const media::Track& track) {
  json out{{"id", track.id},
           {"kind", static_cast<int>(track.kind)},
           {"codec", static_cast<int>(track.codec)},
           {"private", to_hex(track.codec_private)},
           {"width", track.width},
           {"height", track.height},
           {"display_width", track.display_width},
           {"display_height", track.display_height},
           {"rate", track.sample_rate},
           {"channels", track.channels},
           {"default_duration", track.default_duration.count()},
           {"codec_delay", track.codec_delay.count()},
           {"seek_preroll", track.seek_preroll.count()}};
  if (track.colour.is_known()) out["colour"] = to_json(track.colour);
  return out;
}

json optional_ns(const std::optional<nanoseconds>& time) { return time ? json(time->count()) : json(nullptr); }

json to_json(const Timeline::TrackClock& clock) {
  json out = {{"next", optional_ns(clock.next_dts)}, {"end", clock.end.count()},
              {"latest", clock.latest.count()},      {"epoch", clock.epoch},
              {"lost", clock.lost.count()},          {"jump", clock.jump_ahead},
              {"deficit", clock.deficit.count()},    {"reason", clock.reason}};
  if (clock.unmeasured > 0) out["unmeasured"] = clock.unmeasured;
  if (clock.missing) out["missing"] = aircheck::to_json(*clock.missing);
  if (clock.short_segment) out["short"] = aircheck::to_json(*clock.short_segment);
  return out;
}

json gap_json(const Gap& gap) {
  auto out = json::array({gap.start_ms, gap.end_ms, gap.reason});
  if (gap.segments) out.push_back(aircheck::to_json(*gap.segments));
  return out;
}

// What recordings of plain playlists have no need of is left out, as journals of older versions have it.
json to_json(const TrackPosition& position) {
  const auto& at = position.position;
  json out = {{"next", at.next_sequence}, {"state", at.demux_state}, {"skip", optional_ns(position.skip_until)}};
  if (at.rung != capture::Rung::hls) out["by"] = at.rung == capture::Rung::pipe ? "pipe" : "fragments";
  if (at.epoch > 0) out["epoch"] = at.epoch;
  if (!at.format_id.empty()) out["format"] = at.format_id;
  if (at.common_numbers) out["common"] = true;
  return out;
}

json to_json(const Timeline::State& state) {
  json tracks = json::array(), offsets = json::array();
  for (const auto& clock : state.tracks) tracks.push_back(to_json(clock));
  for (const auto offset : state.offsets) offsets.push_back(offset.count());
  return {{"tracks", std::move(tracks)}, {"offsets", std::move(offsets)}, {"sound", state.sound_end.count()}};
}

// Titles and reasons may hold any bytes; what is no UTF-8 must not stop a commit.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string to_line(const FileLine& line) {
  json tracks = json::array();
  for (const auto& track : line.tracks) tracks.push_back(to_json(track));
  return dump({{"kind", "file"},
               {"index", line.index},
               {"start", line.start.count()},
               {"begun_at", line.begun_at.time_since_epoch().count()},
               {"uid", to_hex(line.uid)},
               {"tracks", std::move(tracks)}});
}

std::string to_line(const CommitLine& line) {
  json positions = json::array(), cues = json::array(), gaps = json::array();
  for (const auto& position : line.positions) positions.push_back(to_json(position));
  for (const auto& cue : line.new_cues) cues.push_back(json::array({cue.time_ms, cue.position}));
  for (const auto& gap : line.new_gaps) gaps.push_back(gap_json(gap));
  return dump({{"kind", "commit"},
               {"length", line.length},
               {"end", line.end.count()},
               {"positions", std::move(positions)},
               {"clock", to_json(line.timeline)},
               {"cues", std::move(cues)},
               {"gaps", std::move(gaps)}});
}

std::string to_line(const AboutLine& line) {
  const auto& about = line.about;
  const auto broadcast_at = about.broadcast_at ? json(about.broadcast_at->time_since_epoch().count()) : json(nullptr);
  return dump({{"kind", "about"},
               {"title", about.title},
               {"channel", about.channel},
               {"url", about.url},
               {"video_id", about.video_id},
               {"broadcast_at", broadcast_at},
               {"at", line.at.count()}});
}

std::string to_line(const AttachedLine& line) {
  return dump({{"kind", "attached"}, {"position", line.position}, {"length", line.length}});
}

std::string to_line(const DoneLine& line) {
  return dump({{"kind", "done"}, {"index", line.index}, {"bytes", line.bytes}, {"duration_ms", line.duration_ms}});
}

std::string to_line(const EndedLine& line) { return dump({{"kind", "ended"}, {"by", line.by}}); }

}  // namespace aircheck::recorder
