#include "recorder/journal.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <concepts>
#include <stdexcept>

#include "base/json.hpp"

namespace aircheck::recorder {
namespace {

using nlohmann::json;

Bytes from_hex(const std::string& text) {
  Bytes out;
  for (const char *at = text.data(), *const end = at + text.size(); at != end; at += 2) {
    unsigned byte = 0;
    if (end - at < 2 || std::from_chars(at, at + 2, byte, 16).ptr != at + 2)
      throw std::invalid_argument("bytes that are not hexadecimal");
    out.push_back(static_cast<std::byte>(byte));
  }
  return out;
}

template <std::integral Number>
Number number_in(const json& value) {
  const auto number = whole_number<Number>(value);
  if (!number) throw std::out_of_range("a number that cannot be");
  return *number;
}

// Of an enumeration that begins with 0.
template <class Value>
Value choice_in(const json& value, Value last) {
  const auto number = number_in<int>(value);
  if (number < 0 || number > static_cast<int>(last)) throw std::out_of_range("a choice that nobody has");
  return static_cast<Value>(number);
}

// Demuxers take clocks of 68 years at the most. Twice that leaves room for arithmetic.
template <class Time>
Time time_in(const json& value) {
  constexpr std::int64_t kMost = std::chrono::duration_cast<Time>(nanoseconds{std::int64_t{1} << 62}).count();
  const auto count = number_in<std::int64_t>(value);
  if (count <= -kMost || count >= kMost) throw std::out_of_range("a time that cannot be");
  return Time{count};
}

nanoseconds ns_in(const json& value) { return time_in<nanoseconds>(value); }

Instant instant_in(const json& value) {
  const auto count = number_in<std::int64_t>(value);
  const Instant instant{milliseconds{count}};
  if (instant < kFirstInstant || instant > kLastInstant) throw std::out_of_range("a date that cannot be");
  return instant;
}

media::Colour colour_from(const json& value) {
  media::Colour colour;
  colour.set(number_in<std::uint8_t>(value.at("primaries")), number_in<std::uint8_t>(value.at("transfer")),
             number_in<std::uint8_t>(value.at("matrix")), false);
  colour.range = choice_in(value.at("range"), media::Colour::Range::full);
  if (value.contains("light")) {
    colour.max_cll = number_in<std::uint32_t>(value["light"].at(0));
    colour.max_fall = number_in<std::uint32_t>(value["light"].at(1));
  }
  if (value.contains("display"))
    colour.mastering = media::Mastering{.chromaticities = value["display"].get<std::array<double, 8>>(),
                                        .max_luminance = value.at("luminance").at(0),
                                        .min_luminance = value.at("luminance").at(1)};
  return colour;
}

media::Track track_from(const json& value) {
  const auto number = [&value](const char* name) { return number_in<std::uint32_t>(value.at(name)); };
  media::Track track;
  track.id = number("id");
  track.kind = choice_in(value.at("kind"), media::TrackKind::audio);
  track.codec = choice_in(value.at("codec"), media::Codec::ac3);
  track.codec_private = from_hex(value.at("private"));
  track.width = number("width");
  track.height = number("height");
  track.display_width = number("display_width");
  track.display_height = number("display_height");
  if (value.contains("colour")) track.colour = colour_from(value["colour"]);  // journals of old have none
  track.sample_rate = number("rate");
  track.channels = number("channels");
  track.default_duration = ns_in(value.at("default_duration"));
  track.codec_delay = ns_in(value.at("codec_delay"));
  track.seek_preroll = ns_in(value.at("seek_preroll"));
  return track;
}

std::optional<nanoseconds> optional_ns(const json& value) {
  if (value.is_null()) return {};
  return ns_in(value);
}

MissingSegments segments_from(const json& value) {
  MissingSegments out;
  out.track = value.at("track");
  out.format_id = value.value("format_id", "");
  if (value.contains("epoch")) out.epoch = number_in<std::uint64_t>(value.at("epoch"));
  out.first = number_in<std::uint64_t>(value.at("first"));
  out.last = number_in<std::uint64_t>(value.at("last"));
  return out;
}

std::optional<MissingSegments> segments_in(const json& clock, const char* name) {
  if (!clock.contains(name)) return {};
  return segments_from(clock.at(name));
}

Timeline::TrackClock clock_from(const json& value) {
  return {.next_dts = optional_ns(value.at("next")),
          .end = ns_in(value.at("end")),
          .latest = ns_in(value.at("latest")),
          .epoch = number_in<int>(value.at("epoch")),
          .lost = ns_in(value.at("lost")),
          .unmeasured = number_in<int>(value.value("unmeasured", json(0))),
          .jump_ahead = value.at("jump"),
          .deficit = ns_in(value.at("deficit")),
          .reason = value.at("reason"),
          .missing = segments_in(value, "missing"),
          .short_segment = segments_in(value, "short")};
}

media::Cue cue_from(const json& value) {
  return {number_in<std::uint64_t>(value.at(0)), number_in<std::uint64_t>(value.at(1))};
}

Gap gap_from(const json& value) {
  Gap out{time_in<milliseconds>(value.at(0)).count(), time_in<milliseconds>(value.at(1)).count(), value.at(2)};
  if (value.size() > 3) out.segments = segments_from(value.at(3));
  return out;
}

capture::Rung rung_from(std::string_view name) {
  if (name == "fragments") return capture::Rung::fragments;
  return name == "pipe" ? capture::Rung::pipe : capture::Rung::hls;
}

TrackPosition position_from(const json& value) {
  return {{.next_sequence = number_in<std::uint64_t>(value.at("next")),
           .demux_state = value.at("state"),
           .rung = rung_from(value.value("by", "")),
           .epoch = number_in<std::uint64_t>(value.value("epoch", json(0))),
           .format_id = value.value("format", ""),
           .common_numbers = value.value("common", false)},
          optional_ns(value.at("skip"))};
}

Timeline::State timeline_from(const json& value) {
  Timeline::State state;
  for (const auto& offset : value.at("offsets")) state.offsets.push_back(ns_in(offset));
  for (const auto& clock : value.at("tracks")) {
    const auto epoch = state.tracks.emplace_back(clock_from(clock)).epoch;
    if (epoch < 0 || (epoch > 0 && std::cmp_greater_equal(epoch, state.offsets.size())))
      throw std::out_of_range("a clock without its offset");
  }
  state.sound_end = ns_in(value.value("sound", json(0)));
  return state;
}

void apply_file(const json& line, JournalState& state) {
  FileLine file;
  file.index = number_in<int>(line.at("index"));
  file.start = ns_in(line.at("start"));
  file.begun_at = instant_in(line.value("begun_at", json(0)));
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
  if (const auto& at = line.at("broadcast_at"); !at.is_null()) out.about.broadcast_at = instant_in(at);
  out.at = ns_in(line.at("at"));
  note_about(state, out);
}

void apply_commit(const json& line, JournalState& state) {
  std::vector<TrackPosition> positions;
  for (const auto& position : line.at("positions")) positions.push_back(position_from(position));
  note_seam(state, positions);
  state.length = number_in<std::uint64_t>(line.at("length"));
  state.end = ns_in(line.at("end"));
  state.positions = std::move(positions);
  state.timeline = timeline_from(line.at("clock"));
  for (const auto& cue : line.at("cues")) state.cues.push_back(cue_from(cue));
  for (const auto& gap : line.at("gaps")) state.gaps.push_back(gap_from(gap));
}

void apply_line(const json& line, JournalState& state) {
  const std::string kind = line.at("kind");
  if (kind == "file") apply_file(line, state);
  if (kind == "commit") apply_commit(line, state);
  if (kind == "about") apply_about(line, state);
  if (kind == "attached") {
    state.attachments = number_in<std::uint64_t>(line.at("position"));
    state.length = number_in<std::uint64_t>(line.at("length"));
  }
  if (kind == "done") {
    state.done.push_back({number_in<int>(line.at("index")), number_in<std::uint64_t>(line.at("bytes")),
                          time_in<milliseconds>(line.at("duration_ms")).count()});
    state.file_done = true;
  }
  if (kind == "ended") state.ended_by = line.at("by").get<std::string>();
}

}  // namespace

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
