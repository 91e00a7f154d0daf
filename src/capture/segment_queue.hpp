#pragma once
// Segments on their way: fetched up to four at a time within a byte budget, opened and validated, tried again when they fail
// or are not whole, and handed on in order, demuxed. What could not be had is handed on too, as lost: nothing is ever
// skipped silently. Its owner, a track, appends what exists and says what the origin still offers. Not thread-safe.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/opener.hpp"
#include "capture/segment_sink.hpp"
#include "capture/track.hpp"
#include "media/playlist.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

/// What the origin offers, by sequence number.
struct Window {
  std::uint64_t first = 0;  // the oldest on offer
  std::uint64_t end = 0;    // above the newest
  bool sliding = false;     // segments leave it at its front, for good
  bool complete = false;    // nothing will be added
  bool lasting = false;     // whatever once was offered can be had for hours
  bool over = false;  // the broadcast has ended: an origin that answers nothing any more is not waited for without end
};

class SegmentQueue {
 public:
  struct Answer {
    std::uint64_t sequence = 0, epoch = 0;
    bool tentative = false;
    const Result<net::HttpResponse>& response;
  };
  /// `on_change` is called from the loop whenever next() may answer otherwise; `on_answer`, which may be empty, at each answer
  /// to a fetch before it is acted upon, and may append and confirm.
  SegmentQueue(net::Loop& loop, TrackOptions options, Rung rung, std::function<void()> on_change,
               std::function<void(const Answer&)> on_answer = {});
  ~SegmentQueue();
  SegmentQueue(const SegmentQueue&) = delete;
  SegmentQueue& operator=(const SegmentQueue&) = delete;

  void restore(std::string_view demux_state) { opener_.restore(demux_state); }
  void set_source(std::vector<std::string> headers, std::string format_id) {
    options_.headers = std::move(headers);
    options_.format_id = std::move(format_id);
  }
  void set_window(const Window& window) { window_ = window; }
  const Window& window() const { return window_; }

  struct Entry {
    media::MediaSegment segment;
    std::uint64_t epoch = 0;
    bool common_numbers = false;  // of HLS: its number is the fragment's
    bool discontinuity = false;
    std::optional<Seam> seam{};
    bool tentative = false;    // it may not exist: unless confirmed when it is answered, it goes without a loss
    std::uint64_t covers = 1;  // lost ones: so many, up to its number; 0: nobody knows which
  };
  /// In order of sequence numbers within an epoch. Fetching begins with fill().
  void append(Entry entry);
  void append_lost(Entry entry, const Error& error);
  /// What the origin says not to have is asked for once from now on.
  void believe_denials() { options_.patience_gone = milliseconds{0}; }
  /// The tentative ones below `end` exist after all.
  void confirm(std::uint64_t end);
  void drop_tentative();
  /// Lets the owner renew the URLs of those that are not there yet.
  void for_each_unfetched(const std::function<void(media::MediaSegment& segment, std::uint64_t epoch)>& renew);
  /// The playlist's numbering has begun anew: what is on its way is listed no more.
  void orphan_all();

  /// Starts what may be started.
  void fill();
  /// Asks once more for what stands still and will soon have left.
  void rescue();
  std::optional<Piece> next();

  bool empty() const { return slots_.empty(); }
  std::size_t size() const { return slots_.size(); }
  bool has_tentative() const { return !slots_.empty() && slots_.back()->entry.tentative; }
  /// While the URLs are being renewed: nothing new is fetched, and nothing given up. Not to be repeated without end.
  void hold() { held_ = true; }
  /// What failed by the URLs of before has not failed by those of now. fill() goes on.
  void release();
  bool forbidden() const { return forbidden_; }
  void clear_forbidden() { forbidden_ = false; }
  /// Why the next one does not come, if something hinders it.
  const std::optional<Error>& trouble() const { return trouble_; }
  void clear_trouble() { trouble_.reset(); }
  /// Duration of all that exists here; `usual` for what does not say.
  nanoseconds pending(nanoseconds usual) const;
  /// What the last piece covered.
  nanoseconds usual_span() const { return usual_span_; }

 private:
  // A segment on its way through: wanted, being fetched, there, or given up.
  struct Slot {
    enum class State { wanted, fetching, ready, lost };
    Entry entry;
    State state = State::wanted;
    bool orphaned = false;
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
    Error error;                     // why it is lost
  };
  using SlotPtr = std::unique_ptr<Slot>;

  bool affordable(const Slot& slot, bool is_head) const;
  bool at_risk(const Slot& slot) const;
  bool has_left(const Slot& slot) const;
  net::FetchId fetch(Slot& slot, bool second);
  void answered(Slot& slot, bool second, Result<net::HttpResponse> answer, SegmentSink& sink);
  void arrived(Slot& slot, Opener::Body body);
  void failed(Slot& slot, const Error& error);
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
  Position position_after(const Slot& slot) const;
  std::optional<Piece> unreadable(Slot& slot, const Error& error);

  net::Loop& loop_;
  TrackOptions options_;
  Rung rung_;
  std::function<void()> on_change_;
  std::function<void(const Answer&)> on_answer_;
  Opener opener_;
  std::deque<SlotPtr> slots_;
  Window window_;
  bool forbidden_ = false;
  bool held_ = false;
  std::size_t usual_bytes_ = 0;
  nanoseconds usual_span_{0};
  net::SteadyTime succeeded_at_{};
  std::vector<media::Codec> codecs_;  // of what was handed on last
  int false_alarms_ = 0;              // segments shorter than their EXTINF that were the same when asked for again
  std::optional<Error> trouble_;
};

}  // namespace aircheck::capture
