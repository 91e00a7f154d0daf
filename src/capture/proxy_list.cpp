#include "capture/proxy_list.hpp"

#include <algorithm>

namespace aircheck::capture {

ProxyList::ProxyList(std::vector<std::string> urls, milliseconds rest) : rest_(rest) {
  for (auto& url : urls)
    if (!url.empty()) entries_.push_back({std::move(url)});
}

const std::string& ProxyList::current() const {
  static const std::string kNone;
  return entries_.empty() ? kNone : entries_[current_].url;
}

bool ProxyList::fail(net::SteadyTime now) {
  if (entries_.size() < 2) return false;
  const auto before = current_;
  entries_[current_].rests_until = now + rest_;
  const auto next =
      std::ranges::min_element(entries_, {}, [now](const Entry& entry) { return std::max(entry.rests_until, now); });
  current_ = static_cast<std::size_t>(next - entries_.begin());
  return current_ != before;
}

std::string shown_proxy(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = url.rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(url);
  return std::string(url.substr(0, begin)).append(url.substr(at + 1));
}

}  // namespace aircheck::capture
