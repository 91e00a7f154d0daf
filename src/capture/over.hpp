#pragma once
// What yt-dlp's answers mean: that a stream is over, or that we are refused. Pure.

#include "capture/resolver.hpp"

namespace aircheck::capture {

inline bool is_over(LiveStatus status) {
  return status == LiveStatus::was_live || status == LiveStatus::post_live || status == LiveStatus::not_live;
}

/// Errors by which it says that there is nothing to wait for.
inline bool is_over(ErrorKind kind) {
  return kind == ErrorKind::ended || kind == ErrorKind::not_live || kind == ErrorKind::not_found;
}

/// Errors that another of YouTube's clients, or somebody else's cookies, may be spared.
inline bool is_refusal(ErrorKind kind) {
  return kind == ErrorKind::bot_check || kind == ErrorKind::forbidden || kind == ErrorKind::login_required ||
         kind == ErrorKind::unsupported;
}

/// Errors that another address may be spared.
inline bool is_about_address(ErrorKind kind) {
  return kind == ErrorKind::bot_check || kind == ErrorKind::forbidden || kind == ErrorKind::rate_limited ||
         kind == ErrorKind::geo_blocked || kind == ErrorKind::unavailable || kind == ErrorKind::timeout;
}

}  // namespace aircheck::capture
