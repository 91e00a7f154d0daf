#pragma once
// The log: one line an event on standard error, as text for people or as JSON for machines. Thread-safe. The job id, once
// set for the process (a recorder serves one job), stands in every line.

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace aircheck::log {

enum class Level { debug, info, warn, error, off };
enum class Format { text, json };

/// To be called once at start; before it the level is info and the format text.
void configure(Level level, Format format);
void set_job(std::string job_id);
void write(Level level, std::string_view message);
/// An info line that has, as JSON, members of its own beside the message: "\"a\":1,\"b\":{}". As text it has none.
void event(std::string_view message, std::string_view members);
bool enabled(Level level);

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::vformat(text, fmt::make_format_args(args...)));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::vformat(text, fmt::make_format_args(args...)));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, fmt::vformat(text, fmt::make_format_args(args...)));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::vformat(text, fmt::make_format_args(args...)));
}

}  // namespace aircheck::log
