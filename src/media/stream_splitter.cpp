#include "media/stream_splitter.hpp"

#include <fmt/core.h>

namespace aircheck::media {
namespace {

constexpr std::size_t kEnoughToTell = 4096;
constexpr std::size_t kLargestSegment = 256u << 20;

}  // namespace

Result<std::unique_ptr<StreamCutter>> make_stream_cutter(Container container) {
  switch (container) {
    case Container::ts: return make_ts_cutter();
    case Container::fmp4: return make_fmp4_cutter();
    case Container::webm: return make_webm_cutter();
    default:
      return fail(
          ErrorKind::unsupported,
          "the stream comes in no format that can be recorded while it comes in (MPEG-TS, fragmented MP4, WebM)");
  }
}

Result<void> StreamSplitter::push(ByteView bytes) {
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (!cutter_ && held_.size() < kEnoughToTell) return {};
  if (!cutter_) cutter_ = TRY(make_stream_cutter(sniff(held_)));
  TRY(cut());
  if (held_.size() > kLargestSegment)
    return fail(ErrorKind::corrupt, fmt::format("a segment of more than {} bytes", kLargestSegment));
  return {};
}

Result<void> StreamSplitter::cut() {
  while (const auto found = TRY(cutter_->next(held_))) take(*found);
  return {};
}

void StreamSplitter::take(const Cut& cut) {
  const auto end = held_.begin() + static_cast<std::ptrdiff_t>(cut.end);
  if (cut.part == Cut::Part::header) header_.clear();
  if (cut.part == Cut::Part::media) segments_.push_back(header_);
  auto& into = cut.part == Cut::Part::media ? segments_.back() : header_;
  into.insert(into.end(), held_.begin(), end);
  held_.erase(held_.begin(), end);
}

void StreamSplitter::finish() {
  const bool media = cutter_ ? cutter_->rest_is_media() : !held_.empty();
  if (media) take({.end = held_.size(), .part = Cut::Part::media});
}

std::optional<Bytes> StreamSplitter::next() {
  if (segments_.empty()) return {};
  auto out = std::move(segments_.front());
  segments_.pop_front();
  return out;
}

}  // namespace aircheck::media
