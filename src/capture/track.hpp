#pragma once
// One track of a stream as its consumer sees it: pieces in order, whatever way they come. HlsTrack follows a
// playlist, FragmentTrack counts; what they share, the fetching and opening of segments, is SegmentQueue. PipeTrack takes what
// yt-dlp downloads by itself.
// Not thread-safe; driven by the loop, pulled by the consumer.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "capture/piece.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct TrackOptions {
  std::vector<std::string> headers;      // sent with every request
  std::size_t budget = 2u << 20;         // bytes of segments held or under way, beyond the next one
  std::size_t hard_budget = 128u << 20;  // the same for segments that are about to leave the origin's window
  milliseconds patience{60'000};         // for a segment that stays listed but cannot be had
  milliseconds patience_gone{15'000};    // the same when the origin says that it does not exist
  std::string format_id;                 // noted in positions
  bool quiet = false;                    // what cannot be had is no news
};

/// What the consumer of a track may want to know between pieces.
struct TrackHealth {
  bool loaded = false;           // the origin has said what it offers
  bool ended = false;            // it has said that nothing more comes, and everything before was handed on
  bool forbidden = false;        // 403: the URLs have expired or are refused
  bool stopped = false;          // nothing comes any more until it is given a URL again
  std::optional<Error> trouble;  // why nothing comes at the moment
  net::SteadyTime changed_at{};  // when something new came last
  net::SteadyTime read_at{};     // last time that the origin answered
  nanoseconds pending{0};        // there but not handed on: the lag behind the live edge
  // Of fragments:
  milliseconds interval{0};          // between two of them, as they come
  std::uint64_t epoch = 0, end = 0;  // above the newest that is known to exist
};

class Track {
 public:
  virtual ~Track() = default;
  Track() = default;
  Track(const Track&) = delete;
  Track& operator=(const Track&) = delete;

  /// Begins where `from` says; without it, with what the implementation finds first.
  virtual void start(std::string url, std::optional<Position> from) = 0;
  /// Goes on with a renewed URL of the same track. Segments not yet fetched take their new URLs from it.
  virtual void switch_url(std::string url, std::vector<std::string> headers, std::string format_id) = 0;
  /// The next piece in order when it is there.
  virtual std::optional<Piece> next() = 0;
  virtual TrackHealth health() const = 0;
  /// The stream is over: what cannot be fetched for very long now is lost.
  virtual void note_over() {}
  /// Asks the origin at once, as when the resolver has just said that the stream is over.
  virtual void poll_now() = 0;
};

}  // namespace aircheck::capture
