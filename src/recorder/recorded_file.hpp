#pragma once
// A finished recording as it lies in its store, to be looked into: its head at once, its clusters one by one. Holds a few
// dozen bytes for each cluster, and of their content what was read last. Not thread-safe; borrows the store.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "media/mkv_reader.hpp"

namespace aircheck::recorder {

class RecordedFile {
 public:
  /// Reads the head, and where the clusters are. `not_found` when it is gone, `corrupt` when it is damaged or was never
  /// finished, `unsupported` when it is none of ours.
  static Result<RecordedFile> open(RecordingStore& store, std::string key);

  const media::MkvHead& head() const { return head_; }
  nanoseconds duration() const { return head_.info.duration.value_or(nanoseconds{0}); }

  /// An element behind the head: a cluster, or anything else.
  struct Part {
    std::uint64_t position = 0, length = 0;  // bytes, header included
    std::uint64_t header = 0;                // bytes
    std::uint32_t id = 0;
    nanoseconds time{0};  // of a cluster: of its earliest packet, codec delays included

    bool is_cluster() const;
  };
  const std::vector<Part>& parts() const { return parts_; }

  /// Packets borrow from `bytes`. Their dts are made up: such that sorting by them keeps each track in the order of decoding.
  struct Cluster {
    std::uint64_t position = 0;
    Bytes bytes;
    std::vector<media::Packet> packets;
  };
  Result<std::shared_ptr<const Cluster>> read(const Part& part);
  /// Exactly as many bytes as `out` has room for.
  Result<void> read(std::uint64_t position, std::span<std::byte> out) const;
  struct Stretch {
    std::vector<media::Packet> packets;
    std::vector<std::shared_ptr<const Cluster>> clusters;  // that they borrow from
  };
  /// The packets of all tracks whose pts are in [begin, end).
  Result<Stretch> between(nanoseconds begin, nanoseconds end);

 private:
  RecordedFile(RecordingStore& store, std::string key) : store_(&store), key_(std::move(key)) {}
  Result<void> read_head(std::uint64_t length);
  Result<void> find_parts(std::uint64_t length);

  RecordingStore* store_;
  std::string key_;
  media::MkvHead head_;
  std::vector<Part> parts_;
  std::deque<std::shared_ptr<const Cluster>> known_;
};

/// Gives packets in file order dts by which all tracks can be sorted: the pts of one track, in ascending order.
void make_up_dts(std::vector<media::Packet>& packets);

}  // namespace aircheck::recorder
