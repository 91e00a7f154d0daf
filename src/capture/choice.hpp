#pragma once
// Which of a stream's formats to fetch, and by which way. Pure; thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "capture/piece.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {

/// What to fetch: video and audio in one, or one of each.
struct Choice {
  Rung rung = Rung::hls;
  Format video;
  std::optional<Format> audio;
  std::string why;        // in words
  std::string lacking{};  // what a PO token would give more, such as "2160p60 by fragments"; empty: nothing
};

struct Wish {
  std::string quality = "best";  // or "720": at most so many lines; "worst"; "audio"
  bool reaches_back = false;     // to the broadcast's start, or some time ago
  std::vector<Rung> barred{};    // ways that have failed
  std::optional<Rung> keep{};    // the way that a recording has taken so far: it is kept unless another gives more
  std::vector<std::string> formats{};  // ids of the formats that it is made of: taken again where they are offered
};

/// The best way that is offered. Within one: resolution, then frame rate, then bitrate. Fragments go before HLS unless that has
/// more lines or frames: they stay fetchable for days, so that nothing is lost by a stall. A live stream that has neither, or
/// whose other ways are barred, is left to yt-dlp's own download. What lacks a PO token is taken only where there is nothing else.
/// `unsupported` when there is none.
Result<Choice> choose_formats(const Resolution& resolution, const Wish& wish);

/// The smallest playlist that is offered, to look into beside fragments; nothing where there is none.
std::optional<Format> playlist_beside(const Resolution& resolution);

/// Of what goes by `rung` (fragments or HLS) the format that is most like the track of a file: with picture or sound of its codec
/// (where nobody says which, it may be), then of about as many lines and frames. Nothing where there is none.
std::optional<Format> format_like(const media::Track& track, Rung rung, const Resolution& resolution);

}  // namespace aircheck::capture
