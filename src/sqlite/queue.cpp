#include "sqlite/queue.hpp"

#include <fmt/core.h>

#include <charconv>

namespace aircheck::sqlite {
namespace {

constexpr milliseconds kTokenLife{5 * 60'000};

// A receipt names one delivery of one message: "<number>.<receive count>".
struct Receipt {
  std::int64_t number = 0;
  std::int64_t receive_count = 0;
};

std::string to_text(const Receipt& receipt) { return fmt::format("{}.{}", receipt.number, receipt.receive_count); }

Receipt receipt_from(std::string_view text) {
  Receipt receipt;
  const auto dot = std::min(text.find('.'), text.size());
  const auto number = text.substr(0, dot), count = text.substr(std::min(dot + 1, text.size()));
  std::from_chars(number.data(), number.data() + number.size(), receipt.number);
  std::from_chars(count.data(), count.data() + count.size(), receipt.receive_count);
  return receipt;
}

}  // namespace

Result<std::unique_ptr<SqliteQueue>> SqliteQueue::open(const std::string& file, const Clock& clock, int max_receives,
                                                       DatabaseOptions options) {
  auto database = TRY(Database::open(file, options));  // first: a return out of the new expression would leak
  return std::unique_ptr<SqliteQueue>(new SqliteQueue(std::move(database), clock, max_receives));
}

Result<void> SqliteQueue::send(std::string_view job_id, std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  return database_->transaction([&]() -> Result<void> {
    auto forget = TRY(database_->prepare("DELETE FROM message_tokens WHERE sent_at <= ?"));
    TRY(forget.bind(now - kTokenLife).run());
    auto note =
        TRY(database_->prepare("INSERT INTO message_tokens (token, sent_at) VALUES (?, ?) ON CONFLICT DO NOTHING"));
    TRY(note.bind(token, now).run());
    if (database_->changes() == 0) return {};
    auto add = TRY(database_->prepare("INSERT INTO messages (job_id, visible_at) VALUES (?, ?)"));
    return add.bind(job_id, now).run();
  });
}

// Asked before the write lock is taken, for an idle server polls all day.
Result<bool> SqliteQueue::anything_to_do(Instant now) {
  auto statement = TRY(database_->prepare("SELECT 1 FROM messages WHERE dead = 0 AND visible_at <= ? LIMIT 1"));
  return statement.bind(now).step();
}

// What was delivered often enough, and came back, becomes a dead letter.
Result<void> SqliteQueue::bury(Instant now) {
  auto statement =
      TRY(database_->prepare("UPDATE messages SET dead = 1 WHERE dead = 0 AND visible_at <= ? AND receive_count >= ?"));
  return statement.bind(now, max_receives_).run();
}

Result<std::vector<Delivery>> SqliteQueue::deliver(Instant now, std::size_t limit, milliseconds visibility) {
  std::vector<Receipt> taken;
  std::vector<Delivery> out;
  {
    // Only the oldest message of a job may go out: while it is in flight the younger ones wait.
    auto pick = TRY(database_->prepare(R"sql(
SELECT number, job_id, receive_count + 1 FROM messages AS m
  WHERE dead = 0 AND visible_at <= ?
    AND number = (SELECT min(number) FROM messages WHERE dead = 0 AND job_id = m.job_id)
  ORDER BY number LIMIT ?)sql"));
    pick.bind(now, static_cast<std::int64_t>(limit));
    while (TRY(pick.step())) {
      const auto& receipt = taken.emplace_back(Receipt{pick.integer(0), pick.integer(2)});
      out.push_back({.job_id = std::string(pick.text(1)),
                     .receipt = to_text(receipt),
                     .receive_count = static_cast<int>(receipt.receive_count)});
    }
  }
  for (const auto& receipt : taken) {
    auto mark = TRY(database_->prepare("UPDATE messages SET receive_count = ?, visible_at = ? WHERE number = ?"));
    TRY(mark.bind(receipt.receive_count, now + visibility, receipt.number).run());
  }
  return out;
}

Result<std::vector<Delivery>> SqliteQueue::receive(std::size_t limit, milliseconds visibility) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  if (!TRY(anything_to_do(now))) return std::vector<Delivery>{};
  return database_->transaction([&]() -> Result<std::vector<Delivery>> {
    TRY(bury(now));
    return deliver(now, limit, visibility);
  });
}

Result<void> SqliteQueue::acknowledge(std::string_view receipt) {
  const auto [number, count] = receipt_from(receipt);
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(
      "DELETE FROM messages WHERE number = ? AND receive_count = ? AND receive_count > 0 AND dead = 0"));
  return statement.bind(number, count).run();
}

Result<void> SqliteQueue::put_back(std::string_view receipt, milliseconds delay) {
  const auto [number, count] = receipt_from(receipt);
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(
      "UPDATE messages SET visible_at = ? WHERE number = ? AND receive_count = ? AND receive_count > 0 AND dead = 0"));
  return statement.bind(clock_.now() + delay, number, count).run();
}

Result<JobQueue::Depth> SqliteQueue::depth() {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(R"sql(
SELECT count(*) FILTER (WHERE dead = 0 AND visible_at <= ?1 AND receive_count < ?2),
       count(*) FILTER (WHERE dead = 0 AND visible_at > ?1),
       count(*) FILTER (WHERE dead = 1 OR (visible_at <= ?1 AND receive_count >= ?2)) FROM messages)sql"));
  statement.bind(clock_.now(), max_receives_);
  TRY(statement.step());
  const auto count = [&](int column) { return static_cast<std::size_t>(statement.integer(column)); };
  return Depth{.waiting = count(0), .in_flight = count(1), .dead = count(2)};
}

Result<std::vector<std::string>> SqliteQueue::dead_letters(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(bury(clock_.now()));
  auto statement = TRY(database_->prepare("SELECT job_id FROM messages WHERE dead = 1 ORDER BY number LIMIT ?"));
  statement.bind(static_cast<std::int64_t>(limit));
  std::vector<std::string> ids;
  while (TRY(statement.step())) ids.emplace_back(statement.text(0));
  return ids;
}

Result<std::size_t> SqliteQueue::replay_dead_letters() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  return database_->transaction([&]() -> Result<std::size_t> {
    TRY(bury(now));
    auto statement =
        TRY(database_->prepare("UPDATE messages SET dead = 0, receive_count = 0, visible_at = ? WHERE dead = 1"));
    TRY(statement.bind(now).run());
    return static_cast<std::size_t>(database_->changes());
  });
}

}  // namespace aircheck::sqlite
