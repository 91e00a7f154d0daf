#pragma once
// Segments that a recording lacks, asked for again when it has ended, by their numbers: of YouTube's fragments by counting, of
// HLS in what the playlist lists then; or each by the other's numbers, where these are the same. Asks yt-dlp once for all of them, again where it is refused, as another client or
// through another proxy. Not thread-safe; driven by the loop, pulled by its user.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/proxy_list.hpp"
#include "capture/resolver.hpp"
#include "capture/segment_queue.hpp"
#include "capture/stream.hpp"
#include "core/job.hpp"
#include "media/packet.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

class Refetch {
 public:
  /// Of `options` what is about how to fetch.
  Refetch(net::Loop& loop, StreamOptions options);
  ~Refetch();
  Refetch(const Refetch&) = delete;
  Refetch& operator=(const Refetch&) = delete;

  /// Asks for `wanted.first` to `wanted.last`; what was asked for before is dropped.
  void ask(const MissingSegments& wanted);
  /// The same by another way than they were recorded by: fragments instead of HLS or the other way round, in the format that is
  /// most like the file's track. Only where `wanted.epoch` says that the numbers are common to both; pieces may bring more than
  /// that track.
  void ask_by_another_way(const MissingSegments& wanted, const media::Track& like);
  /// The next piece in order when it is there; one that cannot be had is lost, and says why. Its number is the one before
  /// `after.next_sequence`.
  std::optional<Piece> next();
  /// All were handed on.
  bool done() const { return queue_ && queue_->empty() && entries_.empty() && !listing(); }
  /// Why the origin cannot be asked: then nothing more comes.
  const std::optional<Error>& error() const { return error_; }
  /// The error is yt-dlp's, and would be the same for any other segments.
  bool hopeless() const { return error_ && !options_.direct && !resolution_; }

 private:
  void ask();
  void open();
  void resolve();
  void resolved(Result<Resolution> resolution);
  Result<Format> format_in(const Resolution& resolution) const;
  Result<Format> other_format_in(const Resolution& resolution) const;
  void fetch_playlist(const std::string& url, std::function<void(net::HttpResponse)> use);
  void playlist_known(const net::HttpResponse& answer);
  void begin();
  void count();
  void list(const net::HttpResponse& answer);
  bool is_meant(const media::MediaSegment& segment) const;
  void top_up();
  void look_after();
  void renew(const Error& why);
  void take_new_urls();
  void go_on(const std::function<void(media::MediaSegment&)>& renew);
  bool ask_otherwise(const Error& error);
  bool change_proxy();
  void try_again(const Error& error);
  bool listing() const { return fetching_ != net::FetchId::none || retry_ != net::TimerId::none || resolver_.busy(); }
  Approach approach() const;

  net::Loop& loop_;
  StreamOptions options_;
  Resolver resolver_;
  Approaches approaches_;
  ProxyList proxies_;
  MissingSegments wanted_;
  std::optional<media::Track> like_;  // by another way, in a format like this
  std::optional<Resolution> resolution_;
  net::SteadyTime resolved_at_{};
  std::vector<std::string> targets_;  // of a playlist that is asked directly
  Format format_;                     // that is fetched
  std::unique_ptr<SegmentQueue> queue_;
  std::deque<SegmentQueue::Entry> entries_;  // that the queue has no room for yet; without a URL: not to be had
  std::optional<Error> error_;
  int tries_ = 0, renewals_ = 0;
  int denied_ = 0;  // in a row
  std::size_t proxy_changes_ = 0;
  net::FetchId fetching_{};  // a playlist
  net::TimerId retry_{};
};

}  // namespace aircheck::capture
