#include "capture/resources.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kKept = 16;
constexpr std::size_t kLargestResource = 4u << 20;
constexpr milliseconds kRemembered{5'000};

}  // namespace

std::string Resources::Wanted::key() const {
  return range ? fmt::format("{}-{}@{}", range->offset, range->length, uri) : uri;
}

Resources::~Resources() {
  for (auto& [key, entry] : entries_) {
    loop_.cancel(entry.fetch);
    loop_.cancel(entry.retry);
  }
}

Result<std::optional<ByteView>> Resources::look(const Wanted& wanted, const std::vector<std::string>& headers,
                                                milliseconds patience) {
  const auto key = wanted.key();
  if (!entries_.contains(key)) {
    forget_oldest();
    entries_[key].since = net::Loop::now();
    start(wanted, headers);
  }
  auto& entry = entries_[key];
  entry.used = ++uses_;
  if (entry.bytes) return std::optional<ByteView>(*entry.bytes);
  const auto waited = net::Loop::now() - entry.since;
  if (entry.error && waited >= patience) {
    const auto error = *entry.error;
    // All segments that wait for it now fail together; one that comes later asks anew.
    if (waited >= patience + kRemembered) forget(key);
    return std::unexpected(error);
  }
  return std::optional<ByteView>{};
}

void Resources::start(const Wanted& wanted, const std::vector<std::string>& headers) {
  net::HttpRequest request;
  request.url = wanted.uri;
  request.headers = headers;
  request.range = wanted.range;
  request.max_bytes = kLargestResource;
  request.total_timeout = milliseconds{20'000};
  entries_[wanted.key()].fetch = loop_.fetch(
      std::move(request), [this, wanted, headers](auto answer) { answered(wanted, headers, std::move(answer)); });
}

void Resources::answered(const Wanted& wanted, const std::vector<std::string>& headers,
                         Result<net::HttpResponse> answer) {
  auto& entry = entries_[wanted.key()];
  entry.fetch = net::FetchId::none;
  if (answer) answer = net::expect_success(std::move(*answer));
  if (answer) {
    entry.bytes = std::move(answer->body);
  } else {
    entry.error = answer.error();
    entry.retry = loop_.after(Backoff{}.delay(++entry.tries, 0.5), [this, wanted, headers] { start(wanted, headers); });
  }
  on_change_();
}

void Resources::forget_oldest() {
  if (entries_.size() < kKept) return;
  const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  forget(std::string(oldest->first));
}

void Resources::forget(const std::string& key) {
  auto& entry = entries_[key];
  loop_.cancel(entry.fetch);
  loop_.cancel(entry.retry);
  entries_.erase(key);
}

}  // namespace aircheck::capture
