#include "capture/approach.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>

namespace aircheck::capture {
namespace {

struct Client {
  std::string_view name;
  bool takes_cookies;
};

// As of yt-dlp 2026.10, whose own choice is tv_samsung, visionos and web, with cookies web_embedded instead of visionos. A tv
// needs no PO token for its media; web_safari none for HLS, and for fragments yt-dlp asks a provider for one, where there is
// one; the HLS of ios reaches back an hour instead of half a minute.
constexpr std::array kClients{Client{"", true}, Client{"tv", true}, Client{"web_safari", true}, Client{"ios", false}};

}  // namespace

std::string in_words(const Approach& approach) {
  auto client = approach.client.empty() ? std::string{} : fmt::format("as {}", approach.client);
  if (!approach.anonymous) return client;
  return client.empty() ? "without cookies" : client + ", without cookies";
}

Approaches::Approaches(bool cookies, bool client_named) {
  for (const bool anonymous : {false, true}) {
    if (anonymous && !cookies) break;
    const bool signed_in = cookies && !anonymous;
    for (const auto& client : kClients) {
      if (client_named && !client.name.empty()) break;
      if (client.takes_cookies || !signed_in)
        all_.push_back({.client = std::string(client.name), .anonymous = anonymous, .proxy = {}});
    }
  }
}

bool Approaches::advance() {
  at_ = (at_ + 1) % all_.size();
  return at_ != 0;
}

}  // namespace aircheck::capture
