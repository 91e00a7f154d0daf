#include <algorithm>
#include <set>

#include "core/memory.hpp"

namespace aircheck {
namespace {

constexpr milliseconds kTokenLife{5 * 60'000};

}  // namespace

Result<void> MemoryQueue::send(std::string_view job_id, std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  std::erase_if(tokens_, [now](const auto& entry) { return entry.second + kTokenLife <= now; });
  if (!tokens_.emplace(token, now).second) return {};
  messages_.push_back({.number = ++last_number_, .job_id = std::string(job_id), .visible_at = now});
  return {};
}

// Moves what was delivered often enough, and came back, to the dead letters.
void MemoryQueue::bury(Instant now) {
  for (auto it = messages_.begin(); it != messages_.end();) {
    if (it->receive_count < max_receives_ || it->visible_at > now) {
      ++it;
      continue;
    }
    dead_.push_back(std::move(*it));
    it = messages_.erase(it);
  }
}

Result<std::vector<Delivery>> MemoryQueue::receive(std::size_t limit, milliseconds visibility) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  bury(now);
  std::vector<Delivery> out;
  std::set<std::string_view> seen;  // only the oldest message of a job may go out
  for (auto& message : messages_) {
    if (out.size() == limit) break;
    if (!seen.insert(message.job_id).second || message.visible_at > now) continue;
    ++message.receive_count;
    message.visible_at = now + visibility;
    out.push_back({.job_id = message.job_id, .receipt = message.receipt(), .receive_count = message.receive_count});
  }
  return out;
}

std::deque<MemoryQueue::Message>::iterator MemoryQueue::find(std::string_view receipt) {
  return std::ranges::find_if(messages_,
                              [&](const Message& m) { return m.receive_count > 0 && m.receipt() == receipt; });
}

Result<void> MemoryQueue::acknowledge(std::string_view receipt) {
  const std::lock_guard lock(mutex_);
  if (const auto message = find(receipt); message != messages_.end()) messages_.erase(message);
  return {};
}

Result<void> MemoryQueue::put_back(std::string_view receipt, milliseconds delay) {
  const std::lock_guard lock(mutex_);
  if (const auto message = find(receipt); message != messages_.end()) message->visible_at = clock_.now() + delay;
  return {};
}

Result<JobQueue::Depth> MemoryQueue::depth() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  bury(now);
  Depth depth{.dead = dead_.size()};
  for (const auto& message : messages_) ++(message.visible_at > now ? depth.in_flight : depth.waiting);
  return depth;
}

Result<std::vector<std::string>> MemoryQueue::dead_letters(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  bury(clock_.now());
  std::vector<std::string> ids;
  for (const auto& message : dead_)
    if (ids.size() < limit) ids.push_back(message.job_id);
  return ids;
}

Result<std::size_t> MemoryQueue::replay_dead_letters() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  bury(now);
  const auto count = dead_.size();
  for (auto& message : dead_)
    messages_.push_back({.number = ++last_number_, .job_id = std::move(message.job_id), .visible_at = now});
  dead_.clear();
  return count;
}

}  // namespace aircheck
