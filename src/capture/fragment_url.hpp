#pragma once
// URLs of YouTube's numbered live fragments: …/videoplayback?id=VIDEO.EPOCH&live=1&…&sq=N, or the same as path segments.
// Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aircheck::capture {

/// Whether numbers can be asked for below this URL.
bool is_fragment_url(std::string_view url);
/// How often the broadcaster's encoder had begun anew when the URL was made; 0 where it does not say.
std::uint64_t epoch_of(std::string_view url);
/// Which fragment the URL is of; nothing where it does not say.
std::optional<std::uint64_t> sequence_in(std::string_view url);
/// The URL of fragment `sequence`.
std::string with_sequence(std::string_view url, std::uint64_t sequence);

}  // namespace aircheck::capture
