#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

namespace aircheck::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("aircheck");
  Format format = Format::text;
  std::mutex mutex;
  std::string job;

  State() { logger->set_pattern("%H:%M:%S.%e %^%-5l%$ %v"); }
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: break;
  }
  return spdlog::level::off;
}

// Escapes what JSON forbids inside a string; titles and URLs come from strangers.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else out += c;
  }
  return out;
}

std::string current_job() {
  const std::scoped_lock lock(state().mutex);
  return state().job;
}

// A log line must stay one line, whatever a stranger put into a title.
std::string one_line(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = ' ';
  return out;
}

void write_line(Level level, std::string_view message, std::string_view members) {
  auto& s = state();
  if (s.format == Format::text) {
    s.logger->log(to_spdlog(level), one_line(message));
    return;
  }
  const auto job = current_job();
  const auto id = job.empty() ? std::string{} : fmt::format(R"("job":"{}",)", escape(job));
  s.logger->log(to_spdlog(level),
                fmt::format(R"({}"message":"{}"{}{})", id, escape(message), members.empty() ? "" : ",", members));
}

}  // namespace

void configure(Level level, Format format) {
  auto& s = state();
  s.logger->set_level(to_spdlog(level));
  s.logger->flush_on(spdlog::level::debug);
  s.format = format;
  if (format == Format::json)
    s.logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
}

void set_job(std::string job_id) {
  const std::scoped_lock lock(state().mutex);
  state().job = std::move(job_id);
}

bool enabled(Level level) { return state().logger->should_log(to_spdlog(level)); }

void write(Level level, std::string_view message) { write_line(level, message, {}); }

void event(std::string_view message, std::string_view members) {
  if (enabled(Level::info)) write_line(Level::info, message, members);
}

}  // namespace aircheck::log
