#include "capture/playlist_target.hpp"

#include "media/playlist.hpp"

namespace aircheck::capture {
namespace {

// The audio that belongs to a variant which has none of its own.
const media::Rendition* audio_of(const media::MasterPlaylist& master, const media::Variant& variant) {
  const media::Rendition* found = nullptr;
  for (const auto& rendition : master.renditions) {
    if (rendition.type != media::Rendition::Type::audio || rendition.group != variant.audio_group ||
        rendition.uri.empty())
      continue;
    if (!found || (rendition.is_default && !found->is_default)) found = &rendition;
  }
  return found;
}

}  // namespace

Result<std::vector<std::string>> playlist_targets(const std::string& url, const net::HttpResponse& answer,
                                                  const std::string& quality) {
  const auto playlist = TRY(media::parse_playlist(as_text(answer.body), answer.url, {.most = 0}));
  const auto* const master = std::get_if<media::MasterPlaylist>(&playlist);
  if (!master) return std::vector<std::string>{url};
  const auto& variant = media::choose_variant(*master, quality);
  std::vector<std::string> out{variant.uri};
  if (const auto* const audio = audio_of(*master, variant)) out.push_back(audio->uri);
  return out;
}

}  // namespace aircheck::capture
