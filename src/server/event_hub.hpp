#pragma once
// Hands the changes of jobs on to all event streams: one look at the change feed serves every stream that stands at the
// same place. Knows nothing of sockets. Not thread-safe; borrows the streams, which must remove themselves.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/ports.hpp"

namespace aircheck::server {

/// Where the text of events goes; shared, for all streams get the same.
struct EventSink {
  virtual ~EventSink() = default;
  virtual void push(std::shared_ptr<const std::string> text) = 0;
};

/// The text of a batch (text/event-stream): a `job` event for each changed job, `removed` events with {"id": …}. Only the
/// last carries an id, the feed's cursor after the batch, so that a stream that breaks in between gets all of it again.
std::string format_events(const ChangeFeed::Changes& changes);
/// What a stream begins with: how soon to come again, and its place.
std::string format_greeting(std::uint64_t cursor);

class EventHub {
 public:
  void add(EventSink& sink, std::uint64_t cursor) { sinks_[&sink] = cursor; }
  void remove(EventSink& sink) { sinks_.erase(&sink); }
  std::size_t size() const { return sinks_.size(); }
  /// The places at which streams stand: what to ask the feed.
  std::set<std::uint64_t> cursors() const;
  /// What the feed said after `cursor`.
  void deliver(std::uint64_t cursor, const ChangeFeed::Changes& changes);
  void keep_alive();

 private:
  void push(const std::set<EventSink*>& sinks, std::string text);
  std::map<EventSink*, std::uint64_t> sinks_;
};

}  // namespace aircheck::server
