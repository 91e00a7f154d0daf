#pragma once
// HLS playlists (RFC 8216, and what its successor draft adds that matters to a recorder). Plain values and pure functions;
// thread-safe. Tags that are unknown, of low-latency parts, or of no use to a recorder are skipped.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck::media {

struct ByteRange {
  std::uint64_t offset = 0, length = 0;
  bool operator==(const ByteRange&) const = default;
};

struct SegmentKey {
  enum class Method { none, aes128, unsupported };  // unsupported: SAMPLE-AES and whatever else needs DRM
  Method method = Method::none;
  std::string uri;
  std::optional<std::array<std::byte, 16>> iv;  // as written; see effective_iv
  bool operator==(const SegmentKey&) const = default;
};

struct InitSection {
  std::string uri;
  std::optional<ByteRange> range;
  bool operator==(const InitSection&) const = default;
};

struct MediaSegment {
  std::uint64_t sequence = 0;
  std::uint64_t discontinuity_sequence = 0;
  bool discontinuity = false;  // a discontinuity stands right before it
  bool gap = false;            // the origin says that it does not have it
  nanoseconds duration{0};     // EXTINF
  std::string uri;
  std::optional<ByteRange> range;
  std::optional<InitSection> init;
  std::optional<SegmentKey> key;             // nothing where it is not encrypted
  std::optional<Instant> program_date_time;  // as written, or carried forward from an earlier segment
};

struct MediaPlaylist {
  enum class Type { live, event, vod };
  nanoseconds target_duration{0};
  std::uint64_t media_sequence = 0, discontinuity_sequence = 0;  // of the first segment
  Type type = Type::live;
  bool ended = false;  // ENDLIST
  bool independent_segments = false;
  std::uint64_t end_sequence = 0;      // above the last that is listed
  std::vector<MediaSegment> segments;  // in sequence; those that were asked for
  bool more = false;                   // others are listed behind `segments`
  nanoseconds beyond{0};               // their duration
};

/// Which of a media playlist's segments are wanted: one that lists twelve hours need not become a segment in memory each.
struct SegmentRange {
  std::uint64_t from = 0;  // sequence number of the first
  std::size_t most = SIZE_MAX;
};

struct Variant {
  std::string uri;
  std::uint64_t bandwidth = 0, average_bandwidth = 0;  // bit/s
  std::uint32_t width = 0, height = 0;                 // 0: not said
  double frame_rate = 0;
  std::string codecs;
  std::string audio_group;
};

struct Rendition {
  enum class Type { audio, video, subtitles, closed_captions };
  Type type = Type::audio;
  std::string group, name, language;
  std::string uri;  // empty: within the variant's own segments
  bool is_default = false, autoselect = false;
};

struct MasterPlaylist {
  std::vector<Variant> variants;  // at least one
  std::vector<Rendition> renditions;
};

using Playlist = std::variant<MediaPlaylist, MasterPlaylist>;

/// All URIs are resolved against `base_uri`, the URL that the playlist finally came from. `corrupt` with words for people
/// where the text is no playlist or cannot be relied upon; `unsupported` above 200,000 segments or 64 KiB in a line.
Result<Playlist> parse_playlist(std::string_view text, std::string_view base_uri, const SegmentRange& wanted = {});

/// The key's IV, or the media sequence number as RFC 8216 §5.2 wants it where the playlist gives none.
std::array<std::byte, 16> effective_iv(const MediaSegment& segment);

/// "best": resolution, then frame rate, then bit rate. A number such as "720" (or "720p"): the best of at most so many lines,
/// else the smallest. "worst": the opposite of best. "audio": the best without video, else the smallest. Anything else
/// counts as "best". The playlist must have variants, as parse_playlist's always do; the result lives in it.
const Variant& choose_variant(const MasterPlaylist& playlist, std::string_view quality);

}  // namespace aircheck::media
