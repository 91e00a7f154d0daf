#pragma once
// What yt-dlp's answers mean for the question whether a stream is over. Pure.

#include "capture/resolver.hpp"

namespace aircheck::capture {

inline bool is_over(LiveStatus status) {
  return status == LiveStatus::was_live || status == LiveStatus::post_live || status == LiveStatus::not_live;
}

/// Errors by which it says that there is nothing to wait for.
inline bool is_over(ErrorKind kind) {
  return kind == ErrorKind::ended || kind == ErrorKind::not_live || kind == ErrorKind::not_found;
}

}  // namespace aircheck::capture
