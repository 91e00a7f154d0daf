#pragma once
// Errors are values: every function that can fail returns Result<T>. The closed ErrorKind decides what a caller does next
// (retry, give up, ask the user); the message is for people and says what to do where that is known.
// TRY(expr) yields the value of a Result or returns its error from the enclosing function.

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aircheck {

enum class ErrorKind {
  invalid_input,  // the caller's fault: never retried
  not_found,      // no such job, file, segment, object
  conflict,       // somebody else was faster, or the state forbids it
  unauthorized,   // no or wrong credentials for us
  forbidden,      // the origin says 403: credentials or URL expired
  rate_limited,   // 429 or throttling: retry later
  unavailable,    // network or 5xx: retry
  timeout,        // took too long: retry
  cancelled,      // we were asked to stop
  corrupt,        // bytes that do not parse, or are fewer than announced
  unsupported,    // understood, but not something we do
  disk_full,      // no room: keep what is committed, try again later
  io,             // any other failure of disk or process
  internal,       // a bug
  // What yt-dlp tells us about a stream:
  not_live,  // exists, but is no live stream (or not any more)
  upcoming,  // scheduled for later
  ended,     // the broadcast is over
  private_video,
  members_only,
  bot_check,  // "confirm you're not a bot": this address is blocked
  geo_blocked,
  login_required,  // age or other sign-in walls
  no_resolver,     // yt-dlp is missing, hangs, or prints garbage
};

/// The kind's name as it stands in the API and the logs, such as "bot_check".
std::string_view to_string(ErrorKind kind);
/// The inverse of to_string; `internal` for an unknown name.
ErrorKind error_kind_from(std::string_view name);
/// Whether the same operation may succeed when simply tried again.
bool is_transient(ErrorKind kind);
/// Whether waiting may heal it: what is transient, and rights, which come back with fresh credentials.
bool may_pass(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}
/// The same error with `context: ` before its message.
std::unexpected<Error> wrap(const Error& error, std::string_view context);

/// What TRY yields. Unlike expected's own it may be left unused.
template <class Expected>
constexpr auto value_of(Expected&& result) -> typename std::remove_cvref_t<Expected>::value_type {
  if constexpr (!std::is_void_v<typename std::remove_cvref_t<Expected>::value_type>)
    return *std::forward<Expected>(result);
}

}  // namespace aircheck

// A statement expression (GCC, Clang): `const auto bytes = TRY(read(path));` or `TRY(write(path));`. The counter names the
// temporary, so that one TRY may stand inside another.
#define AIRCHECK_TRY_AS(name, expression)                       \
  __extension__({                                               \
    auto&& name = (expression);                                 \
    if (!name) return std::unexpected(std::move(name).error()); \
    ::aircheck::value_of(std::move(name));                      \
  })
#define AIRCHECK_TRY_JOIN(prefix, counter) prefix##counter
#define AIRCHECK_TRY_NAME(counter) AIRCHECK_TRY_JOIN(try_result_, counter)
#define TRY(expression) AIRCHECK_TRY_AS(AIRCHECK_TRY_NAME(__COUNTER__), expression)
