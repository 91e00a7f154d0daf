#pragma once
// A live stream as the recorder sees it: one or two tracks that yield pieces, whatever it takes to keep them coming. Resolves
// the URL (by yt-dlp, or as a playlist directly), chooses the variant, renews URLs before they expire and at a 403, and
// decides when the stream is over: ENDLIST, or yt-dlp saying so twice. A stall never ends it. Not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/hls_track.hpp"
#include "capture/resolver.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct StreamOptions {
  std::string url;
  bool direct = false;  // the URL is that of a playlist
  std::string quality = "best";
  ResolverOptions resolver;
  TrackOptions track;
  milliseconds renew_after{std::chrono::minutes{270}};   // YouTube's URLs live six hours
  milliseconds stall_after{30'000};                      // nothing new for so long: ask yt-dlp whether it is over
  milliseconds ask_again_after{15'000};                  // yt-dlp must say so a second time
  milliseconds give_up_after{std::chrono::minutes{15}};  // a direct playlist that cannot be read for so long is gone
};

struct StreamInfo {
  std::string video_id, title, channel, thumbnail_url;
};

enum class StreamState { opening, upcoming, running, ended, failed };

class Stream {
 public:
  Stream(net::Loop& loop, StreamOptions options, std::function<void()> on_change);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// `from`: where each track goes on; empty for a new recording.
  void start(std::vector<Position> from);

  /// `ended` as soon as every piece has been handed on.
  StreamState state();
  const Error& error() const { return error_; }                            // when failed
  std::optional<Instant> upcoming_at() const { return info_release_at_; }  // when upcoming, if known
  const StreamInfo& info() const { return info_; }

  std::size_t track_count() const { return tracks_.size(); }
  std::optional<Piece> next(std::size_t track) { return tracks_[track]->next(); }
  TrackHealth health(std::size_t track) const { return tracks_[track]->health(); }
  /// How far the slowest track is behind what the origin lists.
  nanoseconds lag() const;
  /// What hinders it at the moment, if anything does.
  std::optional<Error> trouble() const;

 private:
  struct Target {
    std::string url;
    std::vector<std::string> headers;
  };
  void open();
  void open_playlist();
  void playlist_answered(Result<net::HttpResponse> answer);
  Result<std::vector<Target>> targets_of(const net::HttpResponse& answer) const;
  void resolved(Result<Resolution> resolution);
  void open_failed(const Error& error);
  void begin(const std::vector<Target>& targets);
  void fail_with(Error error);
  void end(std::string_view why);

  void check();
  void renew(std::string_view why);
  void renewed(Result<Resolution> resolution);
  void said_over(std::string_view words);
  bool stalled() const;
  bool forbidden() const;
  bool all_ended() const;
  bool unreadable_for(milliseconds time) const;
  bool never_loaded_for(milliseconds time) const;

  net::Loop& loop_;
  StreamOptions options_;
  std::function<void()> on_change_;
  Resolver resolver_;
  std::vector<std::unique_ptr<HlsTrack>> tracks_;
  std::vector<Position> from_;
  StreamState state_ = StreamState::opening;
  Error error_;
  StreamInfo info_;
  std::optional<Instant> info_release_at_;
  std::string format_id_;
  int open_tries_ = 0;
  int over_count_ = 0;  // how often in a row yt-dlp has said that the stream is over
  int renewals_failed_ = 0;
  net::SteadyTime opened_at_{}, asked_at_{}, renewed_at_{};
  net::FetchId opening_{};
  net::TimerId retry_{}, checking_{};
};

}  // namespace aircheck::capture
