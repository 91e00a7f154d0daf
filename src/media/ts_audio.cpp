#include "media/ts_audio.hpp"

#include <array>

#include "media/ac3.hpp"
#include "media/adts.hpp"
#include "media/mpeg_audio.hpp"

namespace aircheck::media {
namespace {

constexpr AudioFraming kAdts{Codec::aac, parse_adts, adts_config};
constexpr AudioFraming kMp3{Codec::mp3, parse_mp3, nullptr};
constexpr AudioFraming kAc3{Codec::ac3, parse_ac3, nullptr};

bool alike(const AudioFrame& a, const AudioFrame& b) {
  return a.sample_rate == b.sample_rate && a.channels == b.channels;
}

}  // namespace

const AudioFraming* find_audio_framing(std::uint8_t stream_type) {
  switch (stream_type) {
    case 0x0f: return &kAdts;
    case 0x03:
    case 0x04: return &kMp3;
    case 0x81: return &kAc3;
    default: return nullptr;
  }
}

TsAudio::TsAudio(const AudioFraming& framing, std::size_t bytes) : framing_(framing) {
  // Beside video, sound is a small part; without, it grows.
  bytes_.reserve(bytes / 16);
}

void TsAudio::begin(const PesTimes& times) {
  if (times.pts) marks_.push_back({bytes_.size(), *times.pts});
}

std::optional<AudioFrame> TsAudio::frame_at(std::size_t offset) const {
  const auto frame = framing_.parse(ByteView(bytes_).subspan(offset));
  if (frame && first_ && !alike(*frame, *first_)) return {};
  return frame;
}

// Whether two frames like each other stand here in a row: sync words alone occur by chance, too.
bool TsAudio::is_confirmed(std::size_t offset) const {
  const auto frame = frame_at(offset);
  if (!frame || offset + frame->size + kAudioHeaderSize > bytes_.size()) return false;
  const auto next = frame_at(offset + frame->size);
  return next && alike(*next, *frame);
}

// Whether the frame is one, as far as can be seen: at the end nothing follows, but then nothing else stands there either.
bool TsAudio::is_plausible(std::size_t offset, const AudioFrame& frame) const {
  const auto end = offset + frame.size;
  if (end + kAudioHeaderSize <= bytes_.size()) return is_confirmed(offset);
  if (end <= bytes_.size()) return true;
  for (auto other = offset + 1; other + kAudioHeaderSize <= bytes_.size(); ++other)
    if (is_confirmed(other)) return false;
  return true;
}

// A PES packet's time is that of the first frame that begins in it.
void TsAudio::pass_marks(std::size_t offset) {
  for (; next_mark_ < marks_.size() && marks_[next_mark_].offset <= offset; ++next_mark_) {
    base_ = time_of(marks_[next_mark_]);
    samples_ = 0;
  }
}

std::size_t TsAudio::find_sync(std::size_t offset) const {
  for (; offset + kAudioHeaderSize <= bytes_.size(); ++offset) {
    const auto frame = frame_at(offset);
    if (frame && is_plausible(offset, *frame)) return offset;
  }
  return bytes_.size();
}

void TsAudio::emit(std::size_t offset, const AudioFrame& frame, Output& out) {
  if (!first_) first_ = frame;
  const auto time = *base_ + samples_to_time(samples_, frame.sample_rate);
  samples_ += frame.samples;
  out.packets.push_back({.key = true,
                         .pts = time,
                         .dts = time,
                         .duration = samples_to_time(frame.samples, frame.sample_rate),
                         .data = ByteView(bytes_).subspan(offset + frame.header_size, frame.size - frame.header_size)});
}

void TsAudio::put_carry_in_front(const TsStream& stream) {
  base_ = stream.carry_time;
  if (stream.carry.empty()) return;  // nobody knows the start of what came first
  carried_ = stream.carry.size();
  bytes_.insert(bytes_.begin(), rest_.begin(), rest_.end());
  bytes_.insert(bytes_.begin(), stream.carry.begin(), stream.carry.end());
  for (auto& mark : marks_) mark.offset += carried_ + rest_.size();
}

// What the last segment left belongs to this one only when this one goes on where that ended.
void TsAudio::drop_stale_carry() {
  if (carried_ == 0) return;
  const auto first = marks_.empty() ? nanoseconds{0} : time_of(marks_[0]);
  if (base_ && (marks_.empty() || (first > *base_ && first < *base_ + seconds{1}))) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(carried_));
  for (auto& mark : marks_) mark.offset -= carried_;
  carried_ = 0;
  base_.reset();
}

// Cuts everything into frames and returns where the last complete one ends.
std::size_t TsAudio::cut(Output& out) {
  std::size_t offset = 0;
  while (offset + kAudioHeaderSize <= bytes_.size()) {
    const auto frame = frame_at(offset);
    if (!frame || !is_plausible(offset, *frame)) {
      if (offset >= carried_) ++out.damage;
      offset = find_sync(offset + 1);
      continue;
    }
    pass_marks(offset);
    if (offset + frame->size > bytes_.size()) break;
    if (base_) emit(offset, *frame, out);
    offset += frame->size;
  }
  pass_marks(offset);
  return offset;
}

void TsAudio::leave_rest(std::size_t offset, TsStream& stream) const {
  stream.carry.clear();
  stream.carry_time.reset();
  if (offset >= bytes_.size() || !base_) return;
  stream.carry.assign(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), bytes_.end());
  stream.carry_time = *base_ + (first_ ? samples_to_time(samples_, first_->sample_rate) : nanoseconds{0});
}

Track TsAudio::describe(ByteView first_data) const {
  Track out;
  out.kind = TrackKind::audio;
  out.codec = framing_.codec;
  out.sample_rate = first_->sample_rate;
  out.channels = first_->channels;
  out.default_duration = samples_to_time(first_->samples, first_->sample_rate);
  if (framing_.config != nullptr)
    out.codec_private = framing_.config({first_data.data() - first_->header_size, first_->header_size});
  return out;
}

Result<TsAssembler::Output> TsAudio::finish(TsStream& stream, std::int64_t shift) {
  shift_ = shift;
  put_carry_in_front(stream);
  drop_stale_carry();
  Output out;
  const auto rest = cut(out);
  leave_rest(rest, stream);
  if (!first_) {
    if (framing_.codec == Codec::mp3 && is_lower_layer(bytes_))
      return fail(ErrorKind::unsupported, "MPEG audio of layer I or II");
    if (out.damage > 0) return fail(ErrorKind::corrupt, "the sound does not begin with a frame that makes sense");
    return out;
  }
  out.track = describe(out.packets.front().data);
  out.storage = std::move(bytes_);
  return out;
}

}  // namespace aircheck::media
