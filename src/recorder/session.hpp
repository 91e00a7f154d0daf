#pragma once
// One recording from its stream to its file: pulls pieces, assembles batches, writes and commits them, and finishes the file
// when the stream is over or the user says so. Knows nothing of jobs and leases; `aircheck record` and the job runner both
// drive it. Everything happens on the loop; not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/live_chat.hpp"
#include "capture/stream.hpp"
#include "capture/thumbnail.hpp"
#include "core/job.hpp"
#include "core/ports.hpp"
#include "net/loop.hpp"
#include "recorder/assembler.hpp"
#include "recorder/chat_upload.hpp"
#include "recorder/recording.hpp"

namespace aircheck::recorder {

struct SessionOptions {
  capture::StreamOptions stream;
  std::string key;                            // of the recording in its store
  std::string chat_file;                      // absolute; where live chat goes; empty: nobody wants it
  std::optional<ChatStore> chat_store;        // where it goes from there; the file then lies in a scratch folder
  milliseconds retry_writes_after{1'000};     // when the disk is full
  milliseconds ask_store_again_after{100};    // one that is behind
  milliseconds untold_delay{2'000};           // of such a store
  milliseconds other_track_patience{60'000};  // how long video waits for its audio
};

/// How the session stands; what progress lines and heartbeats tell.
struct Progress {
  bool recording = false;  // the first batch is committed
  bool finishing = false;
  std::uint64_t bytes = 0;
  nanoseconds media_time{0};
  nanoseconds lag{0};
  std::vector<Gap> gaps;
  std::vector<RecordingFile> files;
  capture::StreamInfo info;
  std::string quality;           // "1920x1080 h264+aac"
  std::string chosen;            // what is fetched and why, in words
  std::optional<Error> trouble;  // what hinders it at the moment
};

struct Outcome {
  enum class Kind {
    completed,  // the file is finished; see verdict
    waiting,    // the stream is scheduled for `not_before` (if known): nothing was recorded yet
    left,       // committed and closed for a successor
    failed,     // see error; what was recorded is kept for a successor
    empty,      // the user stopped it before anything was recorded
  };
  Kind kind = Kind::failed;
  Verdict verdict;
  Error error;
  std::optional<Instant> not_before;
};

class Session {
 public:
  /// Called once; must not destroy the session. After `completed` the owner notes the end where it keeps such things and then
  /// closes the writer, so that a crash in between loses neither.
  using Finished = std::function<void(Outcome)>;

  Session(net::Loop& loop, RecordingWriter& writer, SessionOptions options, Finished finished);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start();
  /// Finishes the file with what there is now.
  void stop_and_keep();
  /// Leaves at once for a successor: everything committed stays.
  void leave();
  Progress progress() const;

 private:
  void pump();
  bool pump_once();
  void assemble();
  bool pull(std::size_t track);
  void describe_recording();
  void fetch_companions();
  void end_companions();
  void attach(std::optional<capture::Thumbnail> thumbnail);
  bool write(Batch batch);
  void store_took();
  void store_failed(const Error& error, std::string_view what, void (Session::*again)());
  void retry_write();
  void close_tracks_that_are_over();
  void leave_track(std::size_t track);
  void on_stream_state();
  void begin_finishing(std::string_view ended_by);
  void try_to_finish();
  void finish_with(Outcome outcome);
  Verdict verdict() const;

  net::Loop& loop_;
  RecordingWriter& writer_;
  SessionOptions options_;
  Finished finished_;
  std::unique_ptr<capture::Stream> stream_;
  std::optional<Recording> recording_;
  std::optional<Assembler> assembler_;
  std::unique_ptr<capture::ThumbnailFetch> thumbnail_;
  std::unique_ptr<capture::LiveChat> chat_;
  std::unique_ptr<ChatUpload> chat_upload_;
  bool attached_ = false;           // what is shown beside the stream has been handed on
  WrittenTail tail_;                // of what yt-dlp's own download has brought
  int layout_ = 0;                  // of the stream, that the assembler is made for
  std::optional<Batch> unwritten_;  // waits for room on the disk
  std::optional<Error> disk_trouble_;
  std::optional<net::SteadyTime> store_behind_since_;
  std::optional<Error> last_loss_;
  std::string ended_by_;  // not empty: finishing
  bool last_gaps_told_ = false;
  bool pumping_ = false, pump_again_ = false;
  std::optional<net::SteadyTime> waiting_since_;  // for the other track
  net::TimerId retry_{};
};

}  // namespace aircheck::recorder
