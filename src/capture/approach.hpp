#pragma once
// How yt-dlp asks YouTube: as which of its player clients, and with whose cookies. What one client is refused another may be
// given: their URLs need other tokens, or none. Pure; not thread-safe.

#include <cstddef>
#include <string>
#include <vector>

namespace aircheck::capture {

struct Approach {
  std::string client;      // yt-dlp's name of it; empty: yt-dlp's own choice
  bool anonymous = false;  // without the cookies, though there are some
  std::string proxy;       // empty: what the environment says
  bool operator==(const Approach&) const = default;
};

/// "as tv, without cookies"; empty for the usual way.
std::string in_words(const Approach& approach);

/// What has not been tried yet, one after the other.
class Approaches {
 public:
  /// `cookies`: there are some. `client_named`: there is no choice of clients, as when the user has said which to take.
  Approaches(bool cookies, bool client_named);

  const Approach& current() const { return all_[at_]; }
  /// The next one; false where all have been tried, and the first's turn has come again.
  bool advance();
  /// After something else has changed, such as our address: all may work again.
  void restart() { at_ = 0; }

 private:
  std::vector<Approach> all_;
  std::size_t at_ = 0;
};

}  // namespace aircheck::capture
