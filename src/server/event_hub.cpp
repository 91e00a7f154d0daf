#include "server/event_hub.hpp"

#include <fmt/core.h>

#include "core/job_json.hpp"

namespace aircheck::server {

std::string format_events(const ChangeFeed::Changes& changes) {
  std::string text;
  auto left = changes.changed.size() + changes.removed.size();
  const auto event = [&](std::string_view name, std::string_view data) {
    text += fmt::format("event: {}\n", name);
    if (--left == 0) text += fmt::format("id: {}\n", changes.cursor);
    text += fmt::format("data: {}\n\n", data);
  };
  for (const auto& job : changes.changed) event("job", to_json_text(job));
  for (const auto& id : changes.removed) event("removed", fmt::format("{{\"id\":\"{}\"}}", id));
  return text;
}

std::string format_greeting(std::uint64_t cursor) {
  // An event without data is not shown to the page, but its id is kept.
  return fmt::format("retry: 2000\nid: {}\n\n", cursor);
}

std::set<std::uint64_t> EventHub::cursors() const {
  std::set<std::uint64_t> cursors;
  for (const auto& [sink, cursor] : sinks_) cursors.insert(cursor);
  return cursors;
}

void EventHub::deliver(std::uint64_t cursor, const ChangeFeed::Changes& changes) {
  std::set<EventSink*> sinks;
  for (auto& [sink, place] : sinks_) {
    if (place != cursor) continue;
    place = changes.cursor;
    sinks.insert(sink);
  }
  if (auto text = format_events(changes); !text.empty()) push(sinks, std::move(text));
}

void EventHub::keep_alive() {
  std::set<EventSink*> sinks;
  for (const auto& [sink, place] : sinks_) sinks.insert(sink);
  push(sinks, ": still here\n\n");
}

void EventHub::push(const std::set<EventSink*>& sinks, std::string text) {
  const auto shared = std::make_shared<const std::string>(std::move(text));
  // A sink that is full removes itself while it is pushed to.
  for (auto* sink : sinks)
    if (sinks_.contains(sink)) sink->push(shared);
}

}  // namespace aircheck::server
