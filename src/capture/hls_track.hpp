#pragma once
// Follows one HLS media playlist (RFC 8216): polls it, fetches its segments, up to four at a time, and hands them on in
// order, demuxed and validated. A segment that fails is tried again until it has left the origin's window; only then it is
// lost, and said to be. Nothing is ever skipped silently. Not thread-safe; driven by the loop, pulled by its consumer.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/opener.hpp"
#include "capture/piece.hpp"
#include "capture/segment_sink.hpp"
#include "media/playlist.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct TrackOptions {
  std::vector<std::string> headers;      // sent with every request
  std::size_t budget = 2u << 20;         // bytes of segments held or under way, beyond the next one
  std::size_t hard_budget = 128u << 20;  // the same for segments that are about to leave the origin's window
  milliseconds patience{60'000};         // for a segment that stays listed but cannot be had
  milliseconds patience_gone{15'000};    // the same when the origin says that it does not exist
};

/// What the consumer of a track may want to know between pieces.
struct TrackHealth {
  bool loaded = false;           // a playlist has been read
  bool ended = false;            // ENDLIST was seen and everything before it handed on
  bool forbidden = false;        // 403: the URLs have expired or are refused
  std::optional<Error> trouble;  // why nothing comes at the moment
  net::SteadyTime playlist_changed_at{};
  net::SteadyTime playlist_read_at{};  // last success
  nanoseconds pending{0};              // listed but not handed on: the lag behind the live edge
};

class HlsTrack {
 public:
  /// `on_change` is called from the loop whenever next() or health() may answer otherwise than before.
  HlsTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change);
  ~HlsTrack();
  HlsTrack(const HlsTrack&) = delete;
  HlsTrack& operator=(const HlsTrack&) = delete;

  /// Begins with the oldest segment on offer, or where `from` says.
  void start(std::string playlist_url, std::optional<Position> from);
  /// Goes on with a renewed URL of the same playlist. Segments not yet fetched take their new URLs from it.
  void switch_url(std::string playlist_url, std::vector<std::string> headers);
  /// The next piece in order when it is there.
  std::optional<Piece> next();
  TrackHealth health() const;
  /// Polls at once, as when the resolver has just said that the stream is over.
  void poll_now();

 private:
  // A segment on its way through: wanted, being fetched, there, or given up.
  struct Slot {
    enum class State { wanted, fetching, ready, lost };
    media::MediaSegment segment;
    State state = State::wanted;
    bool discontinuity = false;
    bool orphaned = false;        // the playlist's numbering has begun anew since: it is listed no more
    int tries = 0;                // failed fetches
    int tries_after_leaving = 0;  // of them, after it had left the window
    int refetches = 0;            // because what came was damaged or short
    std::optional<net::SteadyTime> failing_since;
    net::FetchId fetch{};
    net::FetchId second{};  // of the same, when the first stands still and time runs out
    net::SteadyTime fetch_began{};
    net::TimerId retry{};
    Opener::Body body;
    std::optional<Opened> fallback;  // the best of the damaged or short copies so far
    std::string fallback_state;      // the opener's, after it
    std::string reason;              // why it is lost
    ErrorKind kind = ErrorKind::not_found;
  };
  using SlotPtr = std::unique_ptr<Slot>;

  void poll();
  void playlist_answered(Result<net::HttpResponse> answer);
  void playlist_failed(const Error& error);
  void schedule_poll(milliseconds delay);
  void merge(media::MediaPlaylist playlist);
  bool went_backwards(const media::MediaPlaylist& playlist);
  void add_missing(std::uint64_t first, std::uint64_t end, nanoseconds each);
  std::size_t append_new(media::MediaPlaylist& playlist);
  void refresh_urls(const media::MediaPlaylist& playlist);

  void fill();
  bool affordable(const Slot& slot, bool is_head) const;
  bool at_risk(const Slot& slot) const;
  bool has_left(const Slot& slot) const;
  net::FetchId fetch(Slot& slot, bool second);
  void rescue();
  void segment_answered(Slot& slot, bool second, Result<net::HttpResponse> answer, SegmentSink& sink);
  void segment_arrived(Slot& slot, Opener::Body body);
  void segment_failed(Slot& slot, const Error& error);
  bool out_of_patience(const Slot& slot, const Error& error) const;
  void lose(Slot& slot, const Error& error);
  void stop(Slot& slot);

  std::optional<Piece> open_head();
  bool is_foreign(const Slot& slot, const Opened& opened) const;
  bool is_doubtful(const Slot& slot, const Opened& opened) const;
  bool worth_refetching(Slot& slot, const Opened& opened);
  void keep_better(Slot& slot, Opened opened);
  void refetch(Slot& slot);
  std::optional<Piece> take_fallback(Slot& slot);
  Piece to_piece(Slot& slot, Opened opened);
  Piece to_lost(Slot& slot);
  std::optional<Piece> unreadable(Slot& slot, const Error& error);

  net::Loop& loop_;
  TrackOptions options_;
  std::function<void()> on_change_;
  Opener opener_;

  std::string url_;
  std::deque<SlotPtr> slots_;
  std::optional<std::uint64_t> next_sequence_;  // the first that is not in slots_ yet
  std::uint64_t window_first_ = 0;              // of the latest playlist
  bool sliding_ = false;                        // the window moves: segments leave it
  bool end_listed_ = false;
  bool loaded_ = false;
  bool forbidden_ = false;
  bool restart_ = false;  // the next new segment begins another numbering
  int backwards_ = 0;
  int playlist_failures_ = 0;
  nanoseconds target_{0};
  std::size_t usual_bytes_ = 0;
  std::vector<media::Codec> codecs_;  // of what was handed on last
  int false_alarms_ = 0;              // segments shorter than their EXTINF that were the same when asked for again
  std::optional<Error> trouble_;
  net::SteadyTime poll_began_{}, changed_at_{}, read_at_{};
  net::FetchId playlist_fetch_{};
  net::TimerId poll_timer_{};
};

}  // namespace aircheck::capture
