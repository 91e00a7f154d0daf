#include "aircheck/stream_check.hpp"

#include <chrono>

#include "base/log.hpp"
#include "base/uri.hpp"

namespace aircheck::apps {
namespace {

constexpr milliseconds kTimeLimit{5'000};

}  // namespace

std::string oembed_url(const Job& job) {
  if (job.video_id.empty() || !job.url.starts_with("https://www.youtube.com/")) return {};
  return "https://www.youtube.com/oembed?format=json&url=" +
         percent_encode("https://www.youtube.com/watch?v=" + job.video_id);
}

// 404 and 400: there is no such video. 401 and 403 mean private or not to be embedded, which says nothing about us: a
// cookies file may open it, and yt-dlp's own words will be clearer.
dispatch::Existence judge_oembed(int status) {
  if (status == 200) return dispatch::Existence::exists;
  return status == 404 || status == 400 ? dispatch::Existence::does_not_exist : dispatch::Existence::cannot_tell;
}

dispatch::Existence OembedCheck::check(const Job& job) {
  const auto url = oembed_url(job);
  if (url.empty()) return dispatch::Existence::cannot_tell;
  net::HttpRequest request{.url = url, .max_bytes = 64 * 1024};
  request.connect_timeout = request.total_timeout = kTimeLimit;
  const auto response = net::fetch_now(request, options_);
  if (response) return judge_oembed(response->status);
  log::debug("oEmbed could not be asked about job {}: {}", job.id, response.error().message);
  return dispatch::Existence::cannot_tell;
}

dispatch::Existence ImpatientCheck::check(const Job& job) {
  if (gave_up_) return dispatch::Existence::cannot_tell;
  const auto began = std::chrono::steady_clock::now();
  const auto answer = check_.check(job);
  gave_up_ = std::chrono::steady_clock::now() - began >= slow_;
  return answer;
}

}  // namespace aircheck::apps
