#include "media/ts_audio.hpp"

#include <array>

#include "media/adts.hpp"

namespace aircheck::media {
namespace {

constexpr AudioFraming kAdts{Codec::aac, parse_adts, adts_config};

bool alike(const AudioFrame& a, const AudioFrame& b) {
  return a.sample_rate == b.sample_rate && a.channels == b.channels;
}

}  // namespace

const AudioFraming* find_audio_framing(std::uint8_t stream_type) {
  switch (stream_type) {
    case 0x0f: return &kAdts;
    default: return nullptr;
  }
}

TsAudio::TsAudio(const AudioFraming& framing, const TsStream& stream, std::size_t bytes)
    : framing_(framing), carried_(stream.carry.size()), base_(stream.carry_time) {
  bytes_.reserve(bytes + carried_);
  append(stream.carry);
}

void TsAudio::begin(const PesTimes& times) {
  if (times.pts) marks_.push_back({bytes_.size(), from_90khz(*times.pts)});
}

std::optional<AudioFrame> TsAudio::frame_at(std::size_t offset) const {
  const auto frame = framing_.parse(ByteView(bytes_).subspan(offset));
  if (frame && first_ && !alike(*frame, *first_)) return {};
  return frame;
}

// Whether the next frame begins where this one ends, as far as that can be seen: sync words occur by chance, too.
bool TsAudio::is_followed(std::size_t offset, const AudioFrame& frame) const {
  const auto end = offset + frame.size;
  if (end + kAudioHeaderSize > bytes_.size()) return true;
  const auto next = frame_at(end);
  return next && alike(*next, frame);
}

// A PES packet's time is that of the first frame that begins in it.
void TsAudio::pass_marks(std::size_t offset) {
  for (; next_mark_ < marks_.size() && marks_[next_mark_].offset <= offset; ++next_mark_) {
    base_ = marks_[next_mark_].time;
    samples_ = 0;
  }
}

std::size_t TsAudio::find_sync(std::size_t offset) const {
  for (; offset + kAudioHeaderSize <= bytes_.size(); ++offset) {
    const auto frame = frame_at(offset);
    if (frame && is_followed(offset, *frame)) return offset;
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

// What the last segment left belongs to this one only when this one goes on where that ended.
void TsAudio::drop_stale_carry() {
  const bool goes_on =
      carried_ > 0 && base_ && !marks_.empty() && marks_[0].time > *base_ && marks_[0].time < *base_ + seconds{1};
  if (goes_on || carried_ == 0) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(carried_));
  for (auto& mark : marks_) mark.offset -= carried_;
  carried_ = 0;
  base_.reset();
}

Result<TsAssembler::Output> TsAudio::finish(TsStream& stream) {
  drop_stale_carry();
  stream.carry.clear();
  stream.carry_time.reset();
  Output out;
  std::size_t offset = 0;
  while (offset + kAudioHeaderSize <= bytes_.size()) {
    const auto frame = frame_at(offset);
    if (!frame || !is_followed(offset, *frame)) {
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
  if (offset < bytes_.size() && base_) {
    stream.carry.assign(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), bytes_.end());
    stream.carry_time = *base_ + (first_ ? samples_to_time(samples_, first_->sample_rate) : nanoseconds{0});
  }
  if (!first_) return out;
  out.track.kind = TrackKind::audio;
  out.track.codec = framing_.codec;
  out.track.sample_rate = first_->sample_rate;
  out.track.channels = first_->channels;
  out.track.default_duration = samples_to_time(first_->samples, first_->sample_rate);
  if (framing_.config != nullptr) {
    const auto* const begin = out.packets.front().data.data() - first_->header_size;
    out.track.codec_private = framing_.config({begin, first_->header_size});
  }
  out.storage = std::move(bytes_);
  return out;
}

}  // namespace aircheck::media
