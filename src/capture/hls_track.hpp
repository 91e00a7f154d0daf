#pragma once
// Follows one HLS media playlist (RFC 8216): polls it and puts its segments into the queue that fetches them. A segment that
// fails is tried again until it has left the origin's window; only then it is lost, and said to be. Not thread-safe; driven
// by the loop, pulled by its consumer.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "capture/segment_queue.hpp"
#include "capture/track.hpp"
#include "media/playlist.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

class HlsTrack final : public Track {
 public:
  /// `on_change` is called from the loop whenever next() or health() may answer otherwise than before.
  HlsTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change);
  ~HlsTrack() override;

  /// Begins with the oldest segment on offer, or where `from` says: behind a number, or a little before a time, and then its pieces
  /// say how they lie to it (Piece::seam).
  void start(std::string playlist_url, std::optional<Position> from) override;
  void switch_url(std::string playlist_url, std::vector<std::string> headers, std::string format_id) override;
  std::optional<Piece> next() override;
  TrackHealth health() const override;
  void poll_now() override;

 private:
  void poll();
  void playlist_answered(Result<net::HttpResponse> answer);
  void playlist_failed(const Error& error);
  void schedule_poll(milliseconds delay);
  media::SegmentRange wanted();
  void merge(media::MediaPlaylist playlist);
  void refill();
  void listing_used_up();
  bool went_backwards(const media::MediaPlaylist& playlist);
  void add_missing(const media::MediaSegment& next, bool common);
  void append_new(media::MediaPlaylist& playlist);
  void refresh_urls(const media::MediaPlaylist& playlist);
  void tell_window();
  void check_numbers(const media::MediaSegment& first);

  // A playlist that lists more than the queue takes.
  struct Listing {
    std::string url;
    Bytes text;
    nanoseconds beyond{0};  // duration of what is not in the queue yet
  };

  net::Loop& loop_;
  std::vector<std::string> headers_;
  std::function<void()> on_change_;
  SegmentQueue queue_;

  std::string url_;
  std::optional<std::uint64_t> next_sequence_;       // the first that is not in the queue yet
  std::uint64_t window_first_ = 0, listed_end_ = 0;  // of the latest playlist
  std::optional<Listing> listing_;
  Instant listed_at_{};            // when it was read
  std::optional<Instant> behind_;  // going on from a way that has no numbers
  bool sliding_ = false;           // the window moves: segments leave it
  bool end_listed_ = false;
  bool loaded_ = false;
  bool forbidden_ = false;
  bool restart_ = false;                         // the next new segment begins another numbering
  std::uint64_t epoch_ = 0;                      // of the last in the queue, where numbers are the fragments'
  std::optional<std::uint64_t> expected_epoch_;  // we go on by fragments' numbers, if the playlist has those too
  int backwards_ = 0;
  int playlist_failures_ = 0;
  nanoseconds target_{0};
  std::optional<Error> trouble_;
  net::SteadyTime poll_began_{}, changed_at_{}, read_at_{};
  net::FetchId playlist_fetch_{};
  net::TimerId poll_timer_{};
};

}  // namespace aircheck::capture
