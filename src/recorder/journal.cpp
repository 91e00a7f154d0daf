#include "recorder/journal.hpp"

#include <fmt/core.h>

#include <array>

#include "base/json.hpp"
#include "core/job_json.hpp"

namespace aircheck::recorder {
namespace {

using nlohmann::json;

std::string to_hex(ByteView bytes) {
  std::string out;
  for (const auto byte : bytes) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

Bytes from_hex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::byte>(std::stoul(text.substr(i, 2), nullptr, 16)));
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

media::Colour colour_from(const json& value) {
  media::Colour colour;
  colour.set(value.at("primaries"), value.at("transfer"), value.at("matrix"), false);
  colour.range = static_cast<media::Colour::Range>(value.at("range").get<int>());
  if (value.contains("light")) {
    colour.max_cll = value["light"].at(0);
    colour.max_fall = value["light"].at(1);
  }
  if (value.contains("display"))
    colour.mastering = media::Mastering{.chromaticities = value["display"].get<std::array<double, 8>>(),
                                        .max_luminance = value.at("luminance").at(0),
                                        .min_luminance = value.at("luminance").at(1)};
  return colour;
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

media::Track track_from(const json& value) {
  media::Track track;
  track.id = value.at("id");
  track.kind = static_cast<media::TrackKind>(value.at("kind").get<int>());
  track.codec = static_cast<media::Codec>(value.at("codec").get<int>());
  track.codec_private = from_hex(value.at("private"));
  track.width = value.at("width");
  track.height = value.at("height");
  track.display_width = value.at("display_width");
  track.display_height = value.at("display_height");
  if (value.contains("colour")) track.colour = colour_from(value["colour"]);  // journals of old have none
  track.sample_rate = value.at("rate");
  track.channels = value.at("channels");
  track.default_duration = nanoseconds{value.at("default_duration").get<std::int64_t>()};
  track.codec_delay = nanoseconds{value.at("codec_delay").get<std::int64_t>()};
  track.seek_preroll = nanoseconds{value.at("seek_preroll").get<std::int64_t>()};
  return track;
}

json optional_ns(const std::optional<nanoseconds>& time) { return time ? json(time->count()) : json(nullptr); }

std::optional<nanoseconds> optional_ns(const json& value) {
  if (value.is_null()) return {};
  return nanoseconds{value.get<std::int64_t>()};
}

MissingSegments segments_from(const json& value) {
  MissingSegments out;
  out.track = value.at("track");
  out.format_id = value.value("format_id", "");
  if (value.contains("epoch")) out.epoch = value.at("epoch").get<std::uint64_t>();
  out.first = value.at("first");
  out.last = value.at("last");
  return out;
}

std::optional<MissingSegments> segments_in(const json& clock, const char* name) {
  if (!clock.contains(name)) return {};
  return segments_from(clock.at(name));
}

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

Timeline::TrackClock clock_from(const json& value) {
  return {.next_dts = optional_ns(value.at("next")),
          .end = nanoseconds{value.at("end").get<std::int64_t>()},
          .latest = nanoseconds{value.at("latest").get<std::int64_t>()},
          .epoch = value.at("epoch"),
          .lost = nanoseconds{value.at("lost").get<std::int64_t>()},
          .unmeasured = value.value("unmeasured", 0),
          .jump_ahead = value.at("jump"),
          .deficit = nanoseconds{value.at("deficit").get<std::int64_t>()},
          .reason = value.at("reason"),
          .missing = segments_in(value, "missing"),
          .short_segment = segments_in(value, "short")};
}

json gap_json(const Gap& gap) {
  auto out = json::array({gap.start_ms, gap.end_ms, gap.reason});
  if (gap.segments) out.push_back(aircheck::to_json(*gap.segments));
  return out;
}

Gap gap_from(const json& value) {
  Gap out{value.at(0), value.at(1), value.at(2)};
  if (value.size() > 3) out.segments = segments_from(value.at(3));
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

capture::Rung rung_from(std::string_view name) {
  if (name == "fragments") return capture::Rung::fragments;
  return name == "pipe" ? capture::Rung::pipe : capture::Rung::hls;
}

TrackPosition position_from(const json& value) {
  return {{.next_sequence = value.at("next"),
           .demux_state = value.at("state"),
           .rung = rung_from(value.value("by", "")),
           .epoch = value.value("epoch", std::uint64_t{0}),
           .format_id = value.value("format", ""),
           .common_numbers = value.value("common", false)},
          optional_ns(value.at("skip"))};
}

json to_json(const Timeline::State& state) {
  json tracks = json::array(), offsets = json::array();
  for (const auto& clock : state.tracks) tracks.push_back(to_json(clock));
  for (const auto offset : state.offsets) offsets.push_back(offset.count());
  return {{"tracks", std::move(tracks)}, {"offsets", std::move(offsets)}, {"sound", state.sound_end.count()}};
}

Timeline::State timeline_from(const json& value) {
  Timeline::State state;
  for (const auto& clock : value.at("tracks")) state.tracks.push_back(clock_from(clock));
  for (const auto& offset : value.at("offsets")) state.offsets.emplace_back(offset.get<std::int64_t>());
  state.sound_end = nanoseconds{value.value("sound", std::int64_t{0})};
  return state;
}

// Titles and reasons may hold any bytes; what is no UTF-8 must not stop a commit.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void apply_file(const json& line, JournalState& state) {
  FileLine file;
  file.index = line.at("index");
  file.start = nanoseconds{line.at("start").get<std::int64_t>()};
  file.begun_at = Instant{milliseconds{line.value("begun_at", std::int64_t{0})}};
  const auto uid = from_hex(line.at("uid"));
  std::copy_n(uid.begin(), std::min(uid.size(), file.uid.size()), file.uid.begin());
  for (const auto& track : line.at("tracks")) file.tracks.push_back(track_from(track));
  state.file = std::move(file);
  state.file_done = false;
  state.length = 0;
  state.end = nanoseconds{0};
  state.cues.clear();
  state.attachments.reset();
}

void apply_about(const json& line, JournalState& state) {
  AboutLine out;
  out.about.title = line.at("title");
  out.about.channel = line.at("channel");
  out.about.url = line.at("url");
  out.about.video_id = line.at("video_id");
  if (const auto& at = line.at("broadcast_at"); !at.is_null())
    out.about.broadcast_at = Instant{milliseconds{at.get<std::int64_t>()}};
  out.at = nanoseconds{line.at("at").get<std::int64_t>()};
  note_about(state, out);
}

void apply_commit(const json& line, JournalState& state) {
  std::vector<TrackPosition> positions;
  for (const auto& position : line.at("positions")) positions.push_back(position_from(position));
  note_seam(state, positions);
  state.length = line.at("length");
  state.end = nanoseconds{line.at("end").get<std::int64_t>()};
  state.positions = std::move(positions);
  state.timeline = timeline_from(line.at("clock"));
  for (const auto& cue : line.at("cues")) state.cues.push_back({cue.at(0), cue.at(1)});
  for (const auto& gap : line.at("gaps")) state.gaps.push_back(gap_from(gap));
}

void apply_line(const json& line, JournalState& state) {
  const std::string kind = line.at("kind");
  if (kind == "file") apply_file(line, state);
  if (kind == "commit") apply_commit(line, state);
  if (kind == "about") apply_about(line, state);
  if (kind == "attached") {
    state.attachments = line.at("position").get<std::uint64_t>();
    state.length = line.at("length");
  }
  if (kind == "done") {
    state.done.push_back({line.at("index"), line.at("bytes"), line.at("duration_ms")});
    state.file_done = true;
  }
  if (kind == "ended") state.ended_by = line.at("by").get<std::string>();
}

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

void note_seam(JournalState& state, std::span<const TrackPosition> positions) {
  if (state.positions.empty() || positions.empty() || !state.file) return;
  const auto counts = [](const capture::Position& at) {
    return at.rung == capture::Rung::fragments || at.common_numbers;
  };
  const auto &before = state.positions.front().position, &now = positions.front().position;
  if (counts(before) && counts(now) && now.epoch > before.epoch) state.seams.push_back(state.file->start + state.end);
}

void note_about(JournalState& state, const AboutLine& line) {
  state.about = line.about;
  if (line.about.title.empty()) return;
  if (state.titles.empty() || state.titles.back().second != line.about.title)
    state.titles.emplace_back(line.at, line.about.title);
}

Result<JournalState> read_journal(std::span<const std::string> lines) {
  JournalState state;
  for (const auto& text : lines) {
    // The only place where nlohmann's exceptions are let live: every member is wanted, any may be missing.
    try {
      apply_line(json::parse(text), state);
    } catch (const std::exception& problem) {
      return fail(ErrorKind::corrupt,
                  fmt::format("the recording's journal cannot be read ({}). The file beside it is kept as "
                              "it is; --force records anew",
                              problem.what()));
    }
  }
  return state;
}

}  // namespace aircheck::recorder
