#pragma once
// What the server itself counts for /metrics. Thread-safe.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace aircheck::server {

struct Counters {
  std::array<std::atomic<std::uint64_t>, 6> answers{};  // by the status's first digit
  std::atomic<std::size_t> connections = 0, event_streams = 0;

  void count_answer(int status) { ++answers[static_cast<std::size_t>(status / 100) % answers.size()]; }
  /// Prometheus text.
  std::string metrics() const;
};

}  // namespace aircheck::server
