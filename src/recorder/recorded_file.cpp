#include "recorder/recorded_file.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "media/ebml.hpp"

namespace aircheck::recorder {
namespace {

using namespace media;

constexpr std::size_t kHeadRead = 6u << 20;                // a head in a bucket has 5 MiB
constexpr std::uint64_t kLargestCluster = 512u << 20;      // half a minute of anything
constexpr std::size_t kFront = 32;                         // a cluster's header and timestamp
constexpr std::size_t kKept = 16, kKeptBytes = 32u << 20;  // of clusters that were read last
constexpr milliseconds kSlack{2'000};

std::unexpected<Error> damaged(std::string_view key, std::string_view what) {
  return fail(ErrorKind::corrupt, fmt::format("{} is damaged and left alone: {}", key, what));
}

}  // namespace

void make_up_dts(std::vector<Packet>& packets) {
  std::vector<nanoseconds> times;
  std::uint32_t tracks = 0;
  for (const auto& packet : packets) tracks = std::max(tracks, packet.track + 1);
  for (std::uint32_t track = 0; track < tracks; ++track) {
    times.clear();
    for (const auto& packet : packets)
      if (packet.track == track) times.push_back(packet.pts);
    std::ranges::sort(times);
    auto time = times.begin();
    for (auto& packet : packets)
      if (packet.track == track) packet.dts = *time++;
  }
}

bool RecordedFile::Part::is_cluster() const { return id == ebml::kCluster; }

Result<RecordedFile> RecordedFile::open(RecordingStore& store, std::string key) {
  RecordedFile out(store, std::move(key));
  const auto length = store.size(out.key_);
  if (!length && length.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found, fmt::format("the recording {} is gone", out.key_));
  TRY(out.read_head(TRY(length)));
  TRY(out.find_parts(*length));
  return out;
}

Result<void> RecordedFile::read_head(std::uint64_t length) {
  Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(length, kHeadRead)));
  TRY(read(0, bytes));
  head_ = TRY(parse_mkv_head(bytes));
  if (head_.file_length == 0) return damaged(key_, "it was never finished");
  if (head_.file_length != length)
    return damaged(key_, fmt::format("it has {} bytes and speaks of {}", length, head_.file_length));
  return {};
}

Result<void> RecordedFile::find_parts(std::uint64_t length) {
  Bytes front(kFront);
  for (std::uint64_t at = head_.size; at < length;) {
    front.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kFront, length - at)));
    TRY(read(at, front));
    const auto element = read_mkv_element(front);
    if (!element || element->unknown_size || element->body > length - at - element->header)
      return damaged(key_, fmt::format("there is no whole element at byte {}", at));
    Part part{.position = at, .length = element->header + element->body, .header = element->header, .id = element->id};
    if (part.is_cluster()) {
      const auto time = mkv_cluster_time(ByteView(front).subspan(static_cast<std::size_t>(element->header)));
      if (!time) return damaged(key_, fmt::format("the cluster at byte {} has no time", at));
      part.time = milliseconds{static_cast<std::int64_t>(*time)};
    }
    at += part.length;
    parts_.push_back(part);
  }
  return {};
}

Result<void> RecordedFile::read(std::uint64_t position, std::span<std::byte> out) const {
  while (!out.empty()) {
    const auto count = TRY(store_->read(key_, position, out));
    if (count == 0) return damaged(key_, "it ends too early");
    position += count;
    out = out.subspan(count);
  }
  return {};
}

Result<std::shared_ptr<const RecordedFile::Cluster>> RecordedFile::read(const Part& part) {
  const auto known = std::ranges::find(known_, part.position, [](const auto& cluster) { return cluster->position; });
  if (known != known_.end()) return *known;
  if (part.length > kLargestCluster) return damaged(key_, "a cluster is too large");
  auto cluster = std::make_shared<Cluster>();
  cluster->position = part.position;
  cluster->bytes.resize(static_cast<std::size_t>(part.length));
  TRY(read(part.position, cluster->bytes));
  const auto body = ByteView(cluster->bytes).subspan(static_cast<std::size_t>(part.header));
  cluster->packets = TRY(parse_mkv_cluster(body, head_.tracks));
  make_up_dts(cluster->packets);
  known_.push_back(cluster);
  std::size_t bytes = 0;
  for (const auto& kept : known_) bytes += kept->bytes.size();
  for (; known_.size() > kKept || (bytes > kKeptBytes && known_.size() > 1); known_.pop_front())
    bytes -= known_.front()->bytes.size();
  return std::shared_ptr<const Cluster>(std::move(cluster));
}

// A cluster ends about where the next one begins: frames are shown in another order than that in which they stand, and sound
// is a little apart from its picture.
Result<RecordedFile::Stretch> RecordedFile::between(nanoseconds begin, nanoseconds end) {
  Stretch out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& part = parts_[i];
    if (!part.is_cluster() || part.time >= end + kSlack) continue;
    const auto next = std::find_if(parts_.begin() + static_cast<std::ptrdiff_t>(i) + 1, parts_.end(),
                                   [](const Part& other) { return other.is_cluster(); });
    if (next != parts_.end() && next->time + kSlack < begin) continue;
    auto cluster = TRY(read(part));
    const auto before = out.packets.size();
    for (const auto& packet : cluster->packets)
      if (packet.pts >= begin && packet.pts < end) out.packets.push_back(packet);
    if (out.packets.size() > before) out.clusters.push_back(std::move(cluster));
  }
  return out;
}

}  // namespace aircheck::recorder
