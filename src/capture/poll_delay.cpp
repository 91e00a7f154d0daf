#include "capture/poll_delay.hpp"

#include <algorithm>

namespace aircheck::capture {
namespace {

constexpr milliseconds kShortest{100};
// To read hours again while they are not even queued would bring no news.
constexpr milliseconds kUnhurried{10'000};

}  // namespace

milliseconds poll_delay(const PlaylistNews& news) {
  const auto delay = news.added > 0 ? news.target / static_cast<std::int64_t>(news.added) : news.target / 2;
  const auto least = news.more_than_queued && !news.drops ? kUnhurried : kShortest;
  return std::max(std::chrono::duration_cast<milliseconds>(delay), least);
}

}  // namespace aircheck::capture
