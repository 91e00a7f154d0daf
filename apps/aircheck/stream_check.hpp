#pragma once
// Whether a video exists, asked of YouTube's oEmbed before a recorder is started: a second instead of yt-dlp's ten. It only
// ever says no where YouTube does; when it cannot be asked, recording is tried. Stateless; may be called from any thread.

#include <string>

#include "core/job.hpp"
#include "net/http.hpp"

namespace aircheck::apps {

class OembedCheck {
 public:
  explicit OembedCheck(net::HttpOptions options) : options_(std::move(options)) {}

  /// Nothing is wrong as far as is known, or `not_found` when there is no such video.
  Result<void> operator()(const Job& job) const;

 private:
  net::HttpOptions options_;
};

/// The address to ask; empty for what oEmbed does not know: other hosts and channels' live pages.
std::string oembed_url(const Job& job);
/// What an answer of this status says.
Result<void> judge_oembed(int status);

}  // namespace aircheck::apps
