#pragma once
// A live stream as the recorder sees it: one or two tracks that yield pieces, whatever it takes to keep them coming. Resolves
// the URL (by yt-dlp, or as a playlist directly), chooses what to fetch and by which way, renews URLs before they expire and
// at a 403, asks as another client or through another proxy where it is refused, takes another way when one fails, and
// decides when the stream is over: ENDLIST, or yt-dlp saying so twice, or once beside ENDLIST, with everything in hand. A stall
// never ends it. Not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/approach.hpp"
#include "capture/choice.hpp"
#include "capture/end_sign.hpp"
#include "capture/fragment_start.hpp"
#include "capture/proxy_list.hpp"
#include "capture/resolver.hpp"
#include "capture/track.hpp"
#include "capture/way_probe.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct StreamOptions {
  std::string url;
  bool direct = false;  // the URL is that of a playlist
  std::string quality = "best";
  Begin begin;  // of a new recording, where that can be chosen
  ResolverOptions resolver;
  std::vector<std::string> proxies;  // in the order of preference; empty: as the loop is set
  TrackOptions track;
  milliseconds renew_after{std::chrono::minutes{270}};   // or sooner, where URLs say that they live less than six hours
  milliseconds stall_after{30'000};                      // nothing new for so long: ask yt-dlp whether it is over
  milliseconds ask_again_after{15'000};                  // yt-dlp must say so a second time
  milliseconds bar_for{600'000};                         // a way that is closed to us; doubled each time, up to 16-fold
  milliseconds give_up_after{std::chrono::minutes{15}};  // a direct playlist that cannot be read for so long is gone
  milliseconds silence_limit{0};                         // nothing new for so long ends it, live or not; 0: never
};

struct StreamInfo {
  std::string video_id, title, channel, thumbnail_url, page_url;
  std::optional<Instant> broadcast_at;
};

/// What is shown beside a recording.
struct StreamExtras {
  std::string description;
  std::vector<std::string> thumbnails;  // URLs to try, the best first
};

enum class StreamState { opening, upcoming, running, ended, failed };

class Stream {
 public:
  Stream(net::Loop& loop, StreamOptions options, std::function<void()> on_change);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// `from` tells where each track of a recording goes on, as the last commit has it; nothing for a new recording. Asked now
  /// and whenever another way is taken.
  void start(std::function<std::vector<Position>()> from);

  /// `ended` as soon as every piece has been handed on.
  StreamState state();
  const Error& error() const { return error_; }                            // when failed
  std::optional<Instant> upcoming_at() const { return info_release_at_; }  // when upcoming, if known
  /// As yt-dlp had it when it was asked last; empty for a playlist.
  const StreamInfo& info() const { return info_; }
  /// A run of yt-dlp as the stream asks it, for whoever wants to know more of the same page.
  SubprocessOptions yt_dlp_command() const { return capture::yt_dlp_command(options_.resolver, approach(), {}); }
  /// As it was when the stream was opened.
  const StreamExtras& extras() const { return extras_; }

  std::size_t track_count() const { return tracks_.size(); }
  /// Grows whenever the tracks are others than before: pieces in hand that are not committed will come again.
  int layout() const { return layout_; }
  /// Where the present tracks began.
  const std::vector<Position>& began_at() const { return began_at_; }
  /// What is fetched and why, in words.
  const std::string& chosen() const { return chosen_; }
  /// As whom yt-dlp asked for it, in words; empty for the usual way.
  std::string asked_as() const { return in_words(approaches_.current()); }
  /// What a PO token would give more than what is fetched, such as "2160p60 by fragments"; empty: nothing.
  const std::string& lacking() const { return lacking_; }
  std::optional<Piece> next(std::size_t track);
  TrackHealth health(std::size_t track) const { return tracks_[track]->health(); }
  /// How far the slowest track is behind what the origin lists.
  nanoseconds lag() const;
  /// What hinders it at the moment, if anything does.
  std::optional<Error> trouble() const;

 private:
  static constexpr milliseconds kCheckEvery{1'000};

  struct Target {
    std::string url, format_id;
    std::vector<std::string> headers;
  };
  void open();
  void ask(Resolver::Done done);
  void open_playlist();
  void playlist_answered(Result<net::HttpResponse> answer);
  Result<std::vector<Target>> targets_of(const net::HttpResponse& answer) const;
  void resolved(Result<Resolution> resolution);
  void note_info(const Resolution& resolution);
  void note_tokens(const Resolution& resolution);
  Error explained(Error error) const;
  void open_failed(const Error& error);
  void open_soon();
  void take(const Choice& choice, bool live);
  void take_from(const Choice& choice, std::vector<Position> from);
  void find_start(const Choice& choice, bool live);
  void start_found(const Choice& choice, Result<FragmentStart::Found> found);
  void begin(Rung rung, const std::vector<Target>& targets, const std::vector<Position>& from);
  std::unique_ptr<Track> make_track(Rung rung, const Target& target);
  SubprocessOptions pipe_command() const;
  Wish wish() const;
  void fail_with(Error error);
  void end(std::string_view why);

  void check();
  void renew(std::string_view why);
  void renewed(Result<Resolution> resolution);
  void renew_urls(const Choice& choice);
  milliseconds renewal_delay_of(const std::vector<Target>& targets) const;
  void said_over();
  bool is_at_end() const;
  void look_for_end();
  bool end_is_listed() const;
  bool may_ask_about_end() const;
  void put_off_better();
  bool is_better(Rung rung) const;
  void try_better(Resolution resolution);
  void bar_rung(Rung rung, std::string_view why);
  void note_refusal();
  bool ask_as_another();
  bool ask_otherwise(const Error& error);
  Approach approach() const;
  bool advance_approach(std::string_view why);
  bool change_proxy(std::string_view why);
  void nothing_comes();
  void look_up();
  void note_progress();
  bool stopped() const;
  bool stalled() const;
  bool silent() const;
  bool forbidden() const;
  bool all_ended() const;
  bool unreadable_for(milliseconds time) const;
  bool never_loaded_for(milliseconds time) const;

  static std::vector<Target> targets_of(const Choice& choice);

  net::Loop& loop_;
  StreamOptions options_;
  std::function<void()> on_change_;
  std::function<std::vector<Position>()> committed_;
  Resolver resolver_;
  Approaches approaches_;
  ProxyList proxies_;
  std::unique_ptr<FragmentStart> start_;
  std::unique_ptr<WayProbe> probe_;
  EndSign end_sign_;
  struct NumberedSeam {
    std::uint64_t newest = 0;
    nanoseconds after{0};  // it was made so much later than what was recorded last came
    nanoseconds each{0};   // what a fragment covers
  };
  std::optional<NumberedSeam> seam_;  // where fragments go on from yt-dlp's own download
  std::vector<std::unique_ptr<Track>> tracks_;
  std::vector<Position> began_at_;
  Rung rung_ = Rung::hls;
  int layout_ = 0;
  bool resuming_ = false;
  StreamState state_ = StreamState::opening;
  Error error_;
  StreamInfo info_;
  StreamExtras extras_;
  std::string chosen_;
  std::string lacking_;      // see lacking()
  std::string wants_token_;  // what to do about PO tokens, where one was missing; for people
  std::optional<Instant> info_release_at_;
  std::vector<std::string> formats_;  // that are being fetched
  int open_tries_ = 0;
  int over_count_ = 0;            // how often in a row the stream was said to be over, by yt-dlp or the playlist beside
  bool asked_about_end_ = false;  // since ENDLIST was seen
  int renewals_failed_ = 0;
  int refusals_ = 0;                    // how often in a row new URLs were refused soon
  int stalls_ = 0;                      // how often in a row nothing new came although yt-dlp says that it is live
  std::vector<Position> progress_;      // what was committed a moment ago
  Instant progressed_at_{};             // when that had changed last
  std::vector<Position> renewed_from_;  // what was committed when the URLs were renewed last
  std::size_t proxy_changes_ = 0;       // in a row, without anything opened
  std::optional<Error> first_refusal_;  // since something could be opened last
  std::optional<Error> refusal_;        // yt-dlp's last answer, where it would not tell
  std::vector<Rung> barred_;
  int put_off_ = 0;            // how often a better way could not be taken
  bool fallen_ = false;        // from the better way, that is to be taken again when it can
  bool has_provider_ = false;  // of PO tokens
  net::SteadyTime try_better_at_{};
  net::SteadyTime opened_at_{}, asked_at_{}, renewed_at_{};
  net::SteadyTime over_at_{}, looked_at_{};
  milliseconds renewal_delay_{};  // after renewed_at_
  net::FetchId opening_{};
  net::TimerId retry_{}, checking_{};
};

}  // namespace aircheck::capture
