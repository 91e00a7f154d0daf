#include "sqlite/queue.hpp"

#include <fmt/core.h>

#include <charconv>

namespace aircheck::sqlite {
namespace {

constexpr std::int64_t kDeduplicationMs = 5 * 60 * 1000;

// "<row>.<delivery>": a receipt of an earlier delivery is worth nothing any more.
struct Receipt {
  std::int64_t row = 0, delivery = 0;
};

Result<Receipt> parse(std::string_view text) {
  Receipt out;
  const auto* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, out.row);
  if (error != std::errc{} || dot == end || *dot != '.') return fail(ErrorKind::invalid_input, "no receipt of ours");
  if (std::from_chars(dot + 1, end, out.delivery).ec != std::errc{}) return fail(ErrorKind::invalid_input, "no receipt of ours");
  return out;
}

}  // namespace

Result<std::unique_ptr<SqliteQueue>> SqliteQueue::open(const std::string& path, const Clock& clock, int max_receives) {
  return std::unique_ptr<SqliteQueue>(new SqliteQueue(TRY(Database::open(path)), clock, max_receives));
}

Result<void> SqliteQueue::send(std::string_view job_id, std::string_view token) {
  const auto lock = database_->lock();
  auto transaction = TRY(Transaction::begin(*database_));
  {
    auto forget = TRY(database_->prepare("DELETE FROM tokens WHERE sent_at <= ?1"));
    TRY(forget->bind(1, now() - kDeduplicationMs).run());
    auto remember = TRY(database_->prepare("INSERT INTO tokens (token, sent_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING"));
    TRY(remember->bind(1, token).bind(2, now()).run());
    if (database_->changes() == 0) return {};
    auto insert = TRY(database_->prepare("INSERT INTO messages (job_id, token, sent_at, visible_at) VALUES (?1, ?2, ?3, ?3)"));
    TRY(insert->bind(1, job_id).bind(2, token).bind(3, now()).run());
  }
  return transaction.commit();
}

// Messages that have come too often and were never acknowledged.
Result<void> SqliteQueue::bury() {
  auto statement = TRY(database_->prepare("UPDATE messages SET dead = 1 WHERE dead = 0 AND visible_at <= ?1 AND receives >= ?2"));
  return statement->bind(1, now()).bind(2, max_receives_).run();
}

Result<std::vector<Delivery>> SqliteQueue::receive(std::size_t limit, milliseconds visibility) {
  const auto lock = database_->lock();
  auto transaction = TRY(Transaction::begin(*database_));
  TRY(bury());
  std::vector<Delivery> out;
  {
    // One message of a job at a time, and none while another of the same job is in flight.
    auto statement = TRY(database_->prepare(
        "UPDATE messages SET visible_at = ?2, receives = receives + 1, delivery = delivery + 1 WHERE receipt IN ("
        "SELECT min(receipt) FROM messages m WHERE dead = 0 AND visible_at <= ?1 AND NOT EXISTS (SELECT 1 FROM messages f WHERE "
        "f.job_id = m.job_id AND f.dead = 0 AND f.receives > 0 AND f.visible_at > ?1) GROUP BY job_id ORDER BY 1 LIMIT ?3) "
        "RETURNING receipt, delivery, job_id, receives"));
    statement->bind(1, now()).bind(2, now() + visibility.count()).bind(3, static_cast<std::int64_t>(limit));
    while (TRY(statement->step()))
      out.push_back({statement->text(2), fmt::format("{}.{}", statement->integer(0), statement->integer(1)),
                     static_cast<int>(statement->integer(3))});
  }
  TRY(transaction.commit());
  return out;
}

Result<void> SqliteQueue::acknowledge(std::string_view receipt) {
  const auto parsed = TRY(parse(receipt));
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare("DELETE FROM messages WHERE receipt = ?1 AND delivery = ?2"));
  return statement->bind(1, parsed.row).bind(2, parsed.delivery).run();
}

Result<void> SqliteQueue::put_back(std::string_view receipt, milliseconds delay) {
  const auto parsed = TRY(parse(receipt));
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare("UPDATE messages SET visible_at = ?3 WHERE receipt = ?1 AND delivery = ?2"));
  return statement->bind(1, parsed.row).bind(2, parsed.delivery).bind(3, now() + delay.count()).run();
}

Result<JobQueue::Depth> SqliteQueue::depth() {
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare(
      "SELECT count(*) FILTER (WHERE dead = 0 AND visible_at <= ?1), count(*) FILTER (WHERE dead = 0 AND visible_at > ?1), "
      "count(*) FILTER (WHERE dead = 1) FROM messages"));
  statement->bind(1, now());
  TRY(statement->step());
  return Depth{static_cast<std::size_t>(statement->integer(0)), static_cast<std::size_t>(statement->integer(1)),
               static_cast<std::size_t>(statement->integer(2))};
}

Result<std::vector<std::string>> SqliteQueue::dead_letters(std::size_t limit) {
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare("SELECT job_id FROM messages WHERE dead = 1 ORDER BY receipt LIMIT ?1"));
  statement->bind(1, static_cast<std::int64_t>(limit));
  std::vector<std::string> out;
  while (TRY(statement->step())) out.push_back(statement->text(0));
  return out;
}

Result<std::size_t> SqliteQueue::replay_dead_letters() {
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare("UPDATE messages SET dead = 0, receives = 0, visible_at = ?1 WHERE dead = 1"));
  TRY(statement->bind(1, now()).run());
  return static_cast<std::size_t>(database_->changes());
}

}  // namespace aircheck::sqlite
