#pragma once
// A playlist given by its own address: which of the playlists behind it to follow. Pure.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/http.hpp"

namespace aircheck::capture {

inline constexpr std::size_t kLargestPlaylist = 32u << 20;  // bytes

/// URLs of the media playlists to follow: that of the variant chosen by `quality`, and that of its sound where this comes apart;
/// `url` itself where it is a media playlist. `answer`: what came from `url`.
Result<std::vector<std::string>> playlist_targets(const std::string& url, const net::HttpResponse& answer,
                                                  const std::string& quality);

}  // namespace aircheck::capture
