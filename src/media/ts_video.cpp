#include "media/ts_video.hpp"

#include <algorithm>
#include <array>

#include "media/start_code.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kLength = 4;  // of a NAL unit's length field
constexpr std::byte kZero{0};

std::vector<ByteView> views(const std::vector<Bytes>& sets) { return {sets.begin(), sets.end()}; }

// Frame rates that 90 kHz cannot express exactly, as they are meant.
nanoseconds snap_to_standard(nanoseconds period) {
  constexpr std::array kRates{24, 30, 48, 60, 120, 240};
  for (const int rate : kRates) {
    const nanoseconds drop_frame{1'001'000'000 / rate}, whole{1'000'000'000 / rate};
    for (const auto candidate : {drop_frame, whole})
      if (std::chrono::abs(candidate - period) < nanoseconds{2'000}) return candidate;
  }
  return period;
}

}  // namespace

TsVideo::TsVideo(const VideoCoding& coding, std::size_t bytes, Bytes room) : coding_(coding), bytes_(std::move(room)) {
  bytes_.clear();
  // Start codes of three bytes grow to lengths of four; what packets' headers take in the segment makes room for that.
  if (bytes_.capacity() < bytes) bytes_.reserve(bytes + bytes / 8);
}

void TsVideo::begin(const PesTimes& times) {
  scan();  // what came so far belongs to the PES packet before
  times_ = times;
  ++pes_;
}

void TsVideo::scan() {
  for (auto one = find_start_code(bytes_, search_); one != kNoStartCode; one = find_start_code(bytes_, search_))
    open_nal(one);
  if (bytes_.size() > search_ + 2) search_ = bytes_.size() - 2;
  scan_at_ = bytes_.size() + kScan;
}

// Turns the start code that ends at `one` into room for a length. Only what came since the last scan ever moves.
void TsVideo::open_nal(std::size_t one) {
  const auto floor = nal_ == kNone ? 0 : nal_ + kLength;
  auto slot = one - 2;
  if (slot > floor && bytes_[slot - 1] == kZero) --slot;
  else bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(slot), kZero);
  nal_ = close_nal(slot);
  nal_times_ = times_;
  nal_pes_ = pes_;
  search_ = nal_ + kLength;
}

// Writes the length of the NAL unit that ends at `end`, and says where the next may begin: there, or where an empty one or
// bytes before the first start code have been taken out.
std::size_t TsVideo::close_nal(std::size_t end) {
  const auto begin = nal_ == kNone ? 0 : nal_;
  const auto data = nal_ == kNone ? end : nal_ + kLength;
  if (data >= end) {
    bytes_.erase(bytes_.begin() + static_cast<std::ptrdiff_t>(begin),
                 bytes_.begin() + static_cast<std::ptrdiff_t>(end));
    return begin;
  }
  const auto size = end - data;
  for (std::size_t i = 0; i < kLength; ++i) bytes_[nal_ + i] = static_cast<std::byte>(size >> (24 - 8 * i));
  take(ByteView(bytes_).subspan(data, size));
  return end;
}

void TsVideo::take(ByteView nal) {
  const auto role = coding_.classify(nal);
  const bool next_picture = role.delimits || (role.slice && (role.position == 0 || role.position < last_position_));
  if (unit_open_ && slice_seen_ && next_picture) close_unit();
  if (!unit_open_) open_unit();
  unit_.end = nal_ + kLength + nal.size();
  unit_.key |= role.random_access || role.recovery_point;
  if (role.slice) {
    slice_seen_ = true;
    last_position_ = role.position;
  }
  if (role.set != NalRole::Set::none && config_.empty()) keep_set(role.set, nal);
}

void TsVideo::open_unit() {
  unit_ = {.begin = nal_};
  // The times are those of the first access unit that begins in the PES packet (ISO/IEC 13818-1 §2.4.3.7).
  if (nal_pes_ != used_pes_) unit_.times = nal_times_;
  used_pes_ = nal_pes_;
  unit_open_ = true;
  slice_seen_ = false;
}

void TsVideo::close_unit() {
  if (slice_seen_) units_.push_back(unit_);
  unit_open_ = false;
  if (!config_.empty()) return;
  if (auto config = coding_.config(views(sets_.video), views(sets_.sequence), views(sets_.picture)))
    config_ = std::move(*config);
  else if (!sets_.sequence.empty()) return;  // the others may come with the next access unit
  sets_ = {};
}

void TsVideo::keep_set(NalRole::Set kind, ByteView nal) {
  constexpr std::size_t kMost = 32;
  auto& sets = kind == NalRole::Set::video      ? sets_.video
               : kind == NalRole::Set::sequence ? sets_.sequence
                                                : sets_.picture;
  if (sets.size() < kMost && nal.size() <= UINT16_MAX) sets.emplace_back(nal.begin(), nal.end());
}

// Access units that share a PES packet have times but for the first; they follow it at the usual distance.
void TsVideo::fill_times() {
  std::erase_if(units_,
                [seen = false](const Unit& unit) mutable { return !(seen |= unit.times.pts || unit.times.dts); });
  std::int64_t last = 0, distance = 3'000;
  bool first = true;
  for (auto& [begin, end, times, key] : units_) {
    if (!times.dts) times.dts = times.pts ? times.pts : last + distance;
    if (!times.pts) times.pts = times.dts;
    if (!first && *times.dts > last) distance = *times.dts - last;
    last = *times.dts;
    first = false;
  }
}

// What is between any two frames, where it is the same for all but for the rounding to 90 kHz.
nanoseconds TsVideo::frame_duration(nanoseconds announced) const {
  if (units_.size() < 2) return nanoseconds{0};
  std::int64_t least = INT64_MAX, most = 0;
  for (std::size_t i = 1; i < units_.size(); ++i) {
    const auto distance = *units_[i].times.dts - *units_[i - 1].times.dts;
    least = std::min(least, distance);
    most = std::max(most, distance);
  }
  if (least <= 0 || most - least > 1) return nanoseconds{0};
  const auto span = from_90khz(*units_.back().times.dts - *units_.front().times.dts);
  const auto period = span / static_cast<std::int64_t>(units_.size() - 1);
  if (std::chrono::abs(announced - period) < nanoseconds{12'000}) return announced;
  return most == least ? from_90khz(most) : snap_to_standard(period);
}

Result<TsAssembler::Output> TsVideo::finish(TsStream& stream, std::int64_t shift) {
  Output out;
  scan();
  if (nal_ != kNone) close_nal(bytes_.size());
  if (unit_open_) close_unit();
  fill_times();
  if (units_.empty()) return out;
  if (!config_.empty()) stream.config = std::move(config_);
  if (stream.config.empty()) return fail(ErrorKind::corrupt, "the video comes without parameter sets");
  const auto format = TRY(coding_.format(stream.config));
  out.track.codec = coding_.codec;
  out.track.codec_private = stream.config;
  out.track.default_duration = frame_duration(format.frame_duration);
  apply(format, out.track);
  out.packets.reserve(units_.size());
  for (const auto& unit : units_)
    out.packets.push_back({.key = unit.key,
                           .pts = from_90khz(*unit.times.pts + shift),
                           .dts = from_90khz(*unit.times.dts + shift),
                           .duration = out.track.default_duration,
                           .data = ByteView(bytes_).subspan(unit.begin, unit.end - unit.begin)});
  out.storage = std::move(bytes_);
  return out;
}

}  // namespace aircheck::media
