#pragma once
// Whether a video exists, asked of YouTube's oEmbed before a recorder is started: a second instead of yt-dlp's ten. It only
// ever says no where YouTube does; when it cannot be asked, recording is tried. Stateless; may be called from any thread.

#include <string>

#include "dispatch/dispatcher.hpp"
#include "net/http.hpp"

namespace aircheck::apps {

class OembedCheck final : public dispatch::StreamCheck {
 public:
  explicit OembedCheck(net::HttpOptions options) : options_(std::move(options)) {}

  /// Takes five seconds at most.
  dispatch::Existence check(const Job& job) override;

 private:
  net::HttpOptions options_;
};

/// Asks another check, until one answer was so slow that the next ones would be, too: from then on it cannot tell. For a
/// batch of jobs that shares one time limit. Single-threaded; lives as long as the batch.
class ImpatientCheck final : public dispatch::StreamCheck {
 public:
  ImpatientCheck(dispatch::StreamCheck& check, milliseconds slow = milliseconds{2'500}) : check_(check), slow_(slow) {}

  dispatch::Existence check(const Job& job) override;

 private:
  dispatch::StreamCheck& check_;
  milliseconds slow_;
  bool gave_up_ = false;
};

/// The address to ask; empty for what oEmbed does not know: other hosts and channels' live pages.
std::string oembed_url(const Job& job);
/// What an answer of this HTTP status says.
dispatch::Existence judge_oembed(int status);

}  // namespace aircheck::apps
