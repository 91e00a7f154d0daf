#include "recorder/rewrite.hpp"

#include <algorithm>
#include <utility>

#include "media/ebml.hpp"
#include "media/mkv_cluster.hpp"

namespace aircheck::recorder {
namespace {

using media::Packet;

constexpr std::size_t kCopied = 1u << 20;                    // bytes at once
constexpr std::size_t kChunk = 4u << 20, kMost = 64u << 20;  // bytes of packets in memory
// The longest that a cluster lasts, and what its time may be earlier than its first packet's.
constexpr milliseconds kLongestCluster{36'000};

// Packets with what they borrow from.
struct Chunk {
  std::vector<Packet> packets;
  std::vector<Bytes> storage;
  std::size_t bytes = 0;

  void add(SpoolReader::Item item) {
    bytes += item.data.size();
    packets.push_back(item.packet);
    storage.push_back(std::move(item.data));  // its bytes stay where they are
  }
};

class Rewriter {
 public:
  Rewriter(RecordedFile& file, ScratchFile& scratch, const Changes& changes, RecordingReplacement& out)
      : file_(file), tracks_(file.head().tracks), old_cues_(file.head().cues), out_(out), stale_(changes.stale) {
    for (const auto range : changes.fresh) fresh_.emplace_back(scratch, range);
    std::ranges::sort(old_cues_, {}, &media::Cue::position);
    has_video_ = std::ranges::any_of(tracks_, [](const auto& t) { return t.kind == media::TrackKind::video; });
  }

  Result<Rewritten> run(const std::function<bool(std::uint64_t)>& on_progress) {
    std::uint64_t done = 0;
    for (const auto& part : file_.parts()) {
      TRY(part.is_cluster() ? take(part) : copy(part));
      done += part.length;
      if (!on_progress(done)) return fail(ErrorKind::cancelled, "the repair was ended");
    }
    TRY(write_fresh_before(nanoseconds::max()));
    std::ranges::sort(result_.cues, {}, [](const auto& cue) { return std::pair(cue.time_ms, cue.position); });
    const auto [first, last] = std::ranges::unique(result_.cues, {}, &media::Cue::time_ms);
    result_.cues.erase(first, last);
    return std::move(result_);
  }

 private:
  // The one whose packet is next; nothing when all are at their end.
  Result<SpoolReader*> next() {
    SpoolReader* best = nullptr;
    nanoseconds earliest{0};
    for (auto& reader : fresh_) {
      const auto* const item = TRY(reader.peek());
      if (!item || (best && item->packet.dts >= earliest)) continue;
      best = &reader;
      earliest = item->packet.dts;
    }
    return best;
  }

  // The next packet's dts; nothing at the end.
  Result<std::optional<nanoseconds>> next_time() {
    auto* const reader = TRY(next());
    if (!reader) return std::optional<nanoseconds>{};
    return std::optional(TRY(reader->peek())->packet.dts);
  }

  Result<void> take(const RecordedFile::Part& part) {
    const auto time = TRY(next_time());
    const bool nothing_fresh = !time || *time > part.time + kLongestCluster;
    if (nothing_fresh && !may_have_stale(part)) return copy(part);
    const auto cluster = TRY(file_.read(part));
    if (cluster->packets.empty()) return copy(part);
    auto packets = cluster->packets;
    const bool thinned = std::erase_if(packets, [this](const Packet& packet) { return is_stale(packet); }) > 0;
    const auto [first, last] = std::ranges::minmax(cluster->packets, {}, &Packet::dts);
    TRY(write_fresh_before(first.dts));
    Chunk chunk;
    for (auto* reader = TRY(next()); reader && TRY(reader->peek())->packet.dts <= last.dts; reader = TRY(next()))
      chunk.add(reader->take());
    if (chunk.packets.empty() && !thinned) return copy(part);
    chunk.packets.insert(chunk.packets.begin(), packets.begin(), packets.end());
    std::ranges::stable_sort(chunk.packets, {}, &Packet::dts);
    return chunk.packets.empty() ? Result<void>{} : write(chunk);
  }

  bool may_have_stale(const RecordedFile::Part& part) const {
    return std::ranges::any_of(stale_, [&](const StalePacket& packet) {
      return packet.pts + kLongestCluster > part.time && packet.pts < part.time + kLongestCluster;
    });
  }

  bool is_stale(const Packet& packet) const {
    return std::ranges::any_of(stale_, [&](const StalePacket& stale) {
      return stale.track == packet.track && stale.pts == packet.pts && stale.bytes == packet.data.size();
    });
  }

  // In pieces, each from one key frame of the picture to another where that is possible.
  Result<void> write_fresh_before(nanoseconds limit) {
    Chunk chunk;
    for (auto* reader = TRY(next()); reader; reader = TRY(next())) {
      const auto& packet = TRY(reader->peek())->packet;
      if (packet.dts >= limit) break;
      const bool may_end = !has_video_ || (packet.key && tracks_[packet.track].kind == media::TrackKind::video);
      if ((chunk.bytes >= kChunk && may_end) || chunk.bytes >= kMost) TRY(write(std::exchange(chunk, {})));
      chunk.add(reader->take());
    }
    return chunk.packets.empty() ? Result<void>{} : write(chunk);
  }

  Result<void> write(const Chunk& chunk) {
    const auto muxed = TRY(media::mux_clusters(chunk.packets, nanoseconds{0}, out_.length(), tracks_));
    TRY(out_.append(muxed.pieces));
    result_.cues.insert(result_.cues.end(), muxed.cues.begin(), muxed.cues.end());
    result_.end = std::max(result_.end, muxed.end);
    return {};
  }

  Result<void> copy(const RecordedFile::Part& part) {
    const auto position = out_.length();
    if (part.id == media::ebml::kAttachments) result_.attachments = position;
    for (const auto& cue : std::ranges::equal_range(old_cues_, part.position, {}, &media::Cue::position))
      result_.cues.push_back({cue.time_ms, position});
    for (std::uint64_t done = 0; done < part.length; done += buffer_.size()) {
      buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kCopied, part.length - done)));
      TRY(file_.read(part.position + done, buffer_));
      const ByteView pieces[] = {buffer_};
      TRY(out_.append(pieces));
    }
    return {};
  }

  RecordedFile& file_;
  const std::vector<media::Track>& tracks_;
  std::vector<media::Cue> old_cues_;  // by position
  RecordingReplacement& out_;
  const std::vector<StalePacket>& stale_;
  std::vector<SpoolReader> fresh_;
  bool has_video_ = false;
  Rewritten result_;
  Bytes buffer_;
};

}  // namespace

Result<Rewritten> rewrite(RecordedFile& file, ScratchFile& scratch, const Changes& changes, RecordingReplacement& out,
                          const std::function<bool(std::uint64_t)>& on_progress) {
  return Rewriter(file, scratch, changes, out).run(on_progress);
}

}  // namespace aircheck::recorder
