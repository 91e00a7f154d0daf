#pragma once
// What yt-dlp downloads by itself, taken from its standard output: the last way to a stream, for formats and protocols that
// only yt-dlp knows. Nothing can be asked for twice: where yt-dlp has to be started again, what was broadcast meanwhile is
// handed on as lost, as long as the clock on the wall says. Not thread-safe; driven by the loop, pulled by its consumer.

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "capture/opener.hpp"
#include "capture/subprocess.hpp"
#include "capture/track.hpp"
#include "media/stream_splitter.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

/// Where a recording goes on by this way: `since` is when the last that is in it was broadcast.
Position pipe_position(Instant since, std::uint64_t next_sequence = 0, std::string_view demux_state = {});
/// Which time that was.
std::optional<Instant> pipe_since(const Position& position);

class PipeTrack final : public Track {
 public:
  /// `command` says how to run yt-dlp, whenever it is started; its output is the stream. `on_change` is called from the loop
  /// whenever next() or health() may answer otherwise than before.
  PipeTrack(net::Loop& loop, TrackOptions options, std::function<SubprocessOptions()> command,
            std::function<void()> on_change);
  ~PipeTrack() override;

  void start(std::string url, std::optional<Position> from) override;
  /// Starts yt-dlp again where it has come to its end, or brings nothing.
  void switch_url(std::string url, std::vector<std::string> headers, std::string format_id) override;
  std::optional<Piece> next() override;
  TrackHealth health() const override;
  void poll_now() override {}

 private:
  void run();
  void take(ByteView bytes);
  void take_segments();
  void open(Bytes segment);
  void add(Opened opened);
  void add_hole(milliseconds duration, std::string_view why);
  milliseconds missing_before(const Opened& opened) const;
  void ended(Result<SubprocessResult> result);
  void give_up(const Error& error);
  void throttle();

  net::Loop& loop_;
  TrackOptions options_;
  std::function<SubprocessOptions()> command_;
  std::function<void()> on_change_;
  Opener opener_;
  std::filesystem::path scratch_;  // yt-dlp puts down fragments where it runs
  std::unique_ptr<Subprocess> process_;
  std::optional<media::StreamSplitter> splitter_;
  std::deque<Piece> pieces_;
  std::size_t held_ = 0;  // bytes of the pieces, about
  std::uint64_t sequence_ = 0;
  std::optional<Instant> last_at_;       // when the last piece was complete
  std::optional<nanoseconds> next_dts_;  // where the next piece should begin, if its clock is the last one's
  bool begun_anew_ = false;              // this download has brought nothing yet
  bool loaded_ = false, refused_ = false;
  std::optional<Error> trouble_;
  net::SteadyTime changed_at_{}, started_at_{};
  net::TimerId later_{};
};

}  // namespace aircheck::capture
