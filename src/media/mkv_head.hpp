#pragma once
// The head of a Matroska file (RFC 9559): everything before the first cluster, in a fixed number of bytes. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

struct Cue {
  std::uint64_t time_ms = 0;
  std::uint64_t position = 0;  // of the cluster, bytes from the start of the file
  bool operator==(const Cue&) const = default;
};

/// Reaches to the next one.
struct Chapter {
  std::uint64_t start_ms = 0;
  std::string title;
  bool operator==(const Chapter&) const = default;
};

struct HeadInfo {
  std::string writing_app;
  std::string title;
  std::array<std::byte, 16> uid{};
  std::optional<Instant> date;  // left out where it is none that Matroska can write: the years 1709 to 2293
  std::optional<nanoseconds> duration;
  std::optional<std::uint64_t> file_length;  // known in the final head only
  std::vector<std::pair<std::string, std::string>>
      tags;                                  // of the whole file; as many as a quarter of the head can take
  std::vector<Chapter> chapters;             // in order; as many as a quarter of the head can take
  std::optional<std::uint64_t> attachments;  // where these are behind the head, from the start of the file
};

/// EBML header, Segment, SeekHead, Info, Tracks, Chapters, Tags, Cues and a Void that fills up to exactly `head_size` bytes. Without a
/// file length the segment's size is unknown: the file plays while it grows. Cues that do not fit are thinned evenly. The
/// SeekHead tells of the attachments, too, wherever they are.
/// `invalid_input` where even the tracks do not fit.
Result<Bytes> make_head(const HeadInfo& info, std::span<const Track> tracks, std::span<const Cue> cues,
                        std::size_t head_size);
/// The same without the zeros that it ends with.
Result<Bytes> make_unfilled_head(const HeadInfo& info, std::span<const Track> tracks, std::span<const Cue> cues,
                                 std::size_t head_size);

}  // namespace aircheck::media
