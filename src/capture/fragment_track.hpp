#pragma once
// Follows one adaptive format as YouTube keeps it: fragments numbered from 0, any of which can be asked for within days. Counts
// up to the newest, which every answer tells, asks for the one after it when it is due, and never further. When the
// broadcaster's encoder begins anew, numbers begin at 0 under another URL: that epoch follows the last one without a break.
// Not thread-safe; driven by the loop, pulled by its consumer.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/segment_queue.hpp"
#include "capture/track.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

class FragmentTrack final : public Track {
 public:
  /// `on_change` is called from the loop whenever next() or health() may answer otherwise than before.
  FragmentTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change);
  ~FragmentTrack() override;

  /// Begins with fragment 0, or where `from` says.
  void start(std::string url, std::optional<Position> from) override;
  /// A URL of a later epoch is followed as soon as the present one has been fetched to its end.
  void switch_url(std::string url, std::vector<std::string> headers, std::string format_id) override;
  std::optional<Piece> next() override;
  TrackHealth health() const override;
  void note_over() override;
  void poll_now() override;

 private:
  void append(bool tentative);
  void extend();
  void poll();
  void schedule_poll();
  milliseconds time_to_poll() const;
  void answered(const SegmentQueue::Answer& answer);
  void missed(const SegmentQueue::Answer& answer);
  void offered_up_to(std::uint64_t end);
  void tell_window(std::uint64_t end) { queue_.set_window({.end = end, .lasting = true, .over = over_}); }
  void pace(std::uint64_t arrived);
  void begin_successor();
  void lose_rest(std::uint64_t sequence, std::uint64_t epoch, std::string_view words);
  void begin_epoch(std::string url);

  net::Loop& loop_;
  std::function<void()> on_change_;
  SegmentQueue queue_;
  std::string url_;
  std::string successor_;  // the URL of the next epoch, while this one is being emptied
  std::uint64_t epoch_ = 0;
  std::uint64_t next_ = 0;  // the first that is not in the queue yet
  bool restart_ = false;    // the next one begins an epoch
  bool stale_ = false;      // the URL is of an epoch that has been passed already
  bool loaded_ = false;
  bool over_ = false;
  int misses_ = 0;                // in a row, of the one after the newest
  milliseconds interval_{1'000};  // between two of them, as they come
  std::optional<Error> trouble_;  // of asking for the one after the newest
  net::SteadyTime changed_at_{}, read_at_{};
  net::TimerId timer_{};
};

}  // namespace aircheck::capture
