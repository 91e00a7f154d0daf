#include "capture/fragment_start.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.hpp"
#include "capture/fragment_url.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr int kMostTries = 6;
// The oldest will be gone by the time that it is fetched: the store's edge moves on.
constexpr std::uint64_t kMargin = 2;
constexpr nanoseconds kUsual = seconds{2};  // what a fragment covers, where the origin does not say

std::optional<std::uint64_t> number_in(const net::HttpResponse& response, std::string_view name) {
  const auto text = response.header(name);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || read.ec != std::errc{} ? std::nullopt : std::optional(value);
}

bool says_no(int status) { return status == 204 || (status >= 400 && status < 500 && status != 408 && status != 429); }

}  // namespace

FragmentStart::FragmentStart(net::Loop& loop, std::string url, std::vector<std::string> headers, Begin begin, Done done)
    : loop_(loop), url_(std::move(url)), headers_(std::move(headers)), begin_(begin), done_(std::move(done)) {
  ask({});
}

FragmentStart::~FragmentStart() {
  loop_.cancel(fetch_);
  loop_.cancel(timer_);
}

void FragmentStart::ask(std::optional<std::uint64_t> number) {
  net::HttpRequest request;
  request.url = number ? with_sequence(url_, *number) : url_;
  request.method = "HEAD";
  request.headers = headers_;
  request.total_timeout = milliseconds{15'000};
  fetch_ = loop_.fetch(std::move(request), [this, number](auto answer) { answered(number, std::move(answer)); });
}

void FragmentStart::answered(std::optional<std::uint64_t> number, Result<net::HttpResponse> answer) {
  fetch_ = net::FetchId::none;
  if (!answer) return retry_or_fail(number, answer.error());
  if (number && (answer->status == 200 || says_no(answer->status))) {
    tries_ = 0;
    asked_ = *number;
    return narrow(answer->status == 200);
  }
  const auto head = number_in(*answer, "x-head-seqnum");
  if (!number && head) {
    tries_ = 0;
    return head_known({*head, milliseconds{number_in(*answer, "x-head-time-millis").value_or(0)}});
  }
  auto fine = net::expect_success(std::move(*answer));
  if (fine) retry_or_fail(number, {ErrorKind::unsupported, "the origin does not tell the newest fragment's number"});
  else retry_or_fail(number, fine.error());
}

void FragmentStart::retry_or_fail(std::optional<std::uint64_t> number, const Error& error) {
  if (error.kind == ErrorKind::forbidden || ++tries_ >= kMostTries) return finish(std::unexpected(error));
  timer_ =
      loop_.after(Backoff{milliseconds{200}, milliseconds{3'000}}.delay(tries_, 0.5), [this, number] { ask(number); });
}

void FragmentStart::head_known(Head head) {
  held_ = newest_ = head.number;
  each_ = head.number > 0 && head.time.count() > 0 ? nanoseconds{head.time} / static_cast<std::int64_t>(head.number)
                                                   : kUsual;
  const auto first = wanted(head);
  if (first >= head.number) return finish(head.number);
  ask(first);
}

std::uint64_t FragmentStart::wanted(Head head) const {
  if (begin_.at_start) return 0;
  const auto each = std::max(each_, nanoseconds{1});
  const auto back = static_cast<std::uint64_t>((begin_.ago + each - nanoseconds{1}) / each);
  return head.number - std::min(back, head.number);
}

// `asked_` is held, or not. Everything from `held_` on is, nothing up to `missing_`; a single one missing may be a hole.
void FragmentStart::narrow(bool held) {
  if (!held && !beyond_hole_ && asked_ + 1 < held_) {
    beyond_hole_ = true;
    return ask(asked_ + 1);
  }
  beyond_hole_ = false;
  if (held) held_ = asked_;
  else missing_ = asked_;
  if (held && !narrowing_) return finish(held_);
  narrowing_ = true;
  if (missing_ + 1 < held_) return ask(missing_ + (held_ - missing_) / 2);
  log::info("the oldest fragment that is still held is {}", held_);
  finish(std::min(held_ + kMargin, newest_));
}

void FragmentStart::finish(Result<std::uint64_t> first) {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  if (first) done(Found{.first = *first, .newest = newest_, .each = each_});
  else done(std::unexpected(first.error()));
}

}  // namespace aircheck::capture
