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

/// The address to ask; empty for what oEmbed does not know: other hosts and channels' live pages.
std::string oembed_url(const Job& job);
/// What an answer of this HTTP status says.
dispatch::Existence judge_oembed(int status);

}  // namespace aircheck::apps
