#pragma once
// URLs of YouTube's numbered live fragments: …/videoplayback?id=VIDEO.EPOCH&live=1&…&sq=N, or the same as path segments; and
// what they and those of its playlists say of their life: …&expire=SECONDS, or /expire/SECONDS, and of who asks: …&pot=TOKEN, or
// /pot/TOKEN. Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace aircheck::capture {

/// Whether numbers can be asked for below this URL.
bool is_fragment_url(std::string_view url);
/// How often the broadcaster's encoder had begun anew when the URL was made; 0 where it does not say.
std::uint64_t epoch_of(std::string_view url);
/// Which fragment the URL is of; nothing where it does not say.
std::optional<std::uint64_t> sequence_in(std::string_view url);
/// When the URL will be refused, by YouTube's clock; nothing where it does not say.
std::optional<Instant> expiry_of(std::string_view url);
/// How long after `now` to ask for a new one: three quarters of its life, and `most` at the most. What says that it has expired
/// already was made by another clock, and says nothing.
milliseconds renewal_delay(std::string_view url, Instant now, milliseconds most);
/// Whether the URL has a PO token (proof of origin) in it.
bool has_po_token(std::string_view url);
/// The URL of fragment `sequence`.
std::string with_sequence(std::string_view url, std::uint64_t sequence);

}  // namespace aircheck::capture
