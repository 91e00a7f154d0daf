#include "sqlite/database.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <atomic>
#include <fstream>
#include <thread>

#include "sqlite/jobs.hpp"
#include "sqlite/temporary_testing.hpp"

namespace aircheck::sqlite {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  std::unique_ptr<Database> open(DatabaseOptions options = {}) {
    auto database = Database::open(file_, options);
    EXPECT_TRUE(database) << database.error().message;
    return database ? *std::move(database) : nullptr;
  }
  ErrorKind refusal(DatabaseOptions options = {}) {
    const auto database = Database::open(file_, options);
    EXPECT_FALSE(database);
    if (database) return ErrorKind::internal;
    message_ = database.error().message;
    return database.error().kind;
  }
  static std::int64_t count(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    EXPECT_TRUE(statement) << statement.error().message;
    const auto row = statement->step();
    EXPECT_TRUE(row.value_or(false));
    return statement->integer(0);
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.file("aircheck.db");
  std::string message_;
};

TEST_F(DatabaseTest, binds_and_reads_values) {
  const auto database = open();
  ASSERT_TRUE(database->execute("CREATE TABLE t (a, b, c)"));
  const std::string text("a\0b'\"", 5);
  {
    auto insert = *database->prepare("INSERT INTO t VALUES (?, ?, ?)");
    ASSERT_TRUE(insert.bind(std::int64_t{-7}, text, std::optional<Instant>{}).run());
    EXPECT_EQ(database->changes(), 1);
  }
  auto select = *database->prepare("SELECT a, b, c IS NULL FROM t");
  ASSERT_TRUE(select.step().value_or(false));
  EXPECT_EQ(select.integer(0), -7);
  EXPECT_EQ(select.text(1), text);
  EXPECT_EQ(select.integer(2), 1);
  EXPECT_FALSE(select.step().value_or(true));
}

TEST_F(DatabaseTest, a_failed_transaction_leaves_nothing) {
  const auto database = open();
  ASSERT_TRUE(database->execute("CREATE TABLE t (a)"));
  const auto result = database->transaction([&]() -> Result<int> {
    TRY(database->execute("INSERT INTO t VALUES (1)"));
    return fail(ErrorKind::conflict, "no");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::conflict);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(database->transaction([&] { return database->execute("INSERT INTO t VALUES (1)"); }));
  EXPECT_EQ(count(*database, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, writes_ahead_and_syncs) {
  const auto database = open();
  auto mode = *database->prepare("PRAGMA journal_mode");
  ASSERT_TRUE(mode.step().value_or(false));
  EXPECT_EQ(mode.text(0), "wal");
  EXPECT_EQ(count(*database, "PRAGMA synchronous"), 2);
  EXPECT_EQ(count(*database, "PRAGMA cache_size"), -512);
}

TEST_F(DatabaseTest, what_was_stored_is_there_after_reopening) {
  ASSERT_TRUE(open()->execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
  EXPECT_EQ(count(*open(), "SELECT count(*) FROM t"), 1);
  EXPECT_EQ(count(*open(), "PRAGMA user_version"), 2);
}

TEST_F(DatabaseTest, holds_room_for_what_is_written_on_a_full_disk) {
  constexpr std::size_t kReserve = 400 * 1024;
  const auto database = open({.reserve = kReserve});
  ASSERT_TRUE(database->execute("CREATE TABLE t (a)"));
  for (int i = 0; i < 500; ++i)
    ASSERT_TRUE(database->execute("INSERT INTO t VALUES (1); DELETE FROM t WHERE rowid < 0"));
  EXPECT_EQ(std::filesystem::file_size(file_ + "-wal"), kReserve) << "begun anew before it was full";
  const auto died = file_ + ".died";
  for (const std::string& suffix : {std::string{}, std::string{"-wal"}})
    std::filesystem::copy_file(file_ + suffix, died + suffix);
  EXPECT_EQ(count(**Database::open(died), "SELECT count(*) FROM t"), 500);
}

// What the program wrote before there were watched channels is kept, and can be gone on with.
TEST_F(DatabaseTest, brings_the_first_schema_to_the_present_one) {
  {
    const auto database = open();
    ASSERT_TRUE(
        database->execute("DROP TABLE judged_videos; DROP TABLE watches; PRAGMA user_version = 1;"
                          "INSERT INTO messages (job_id, visible_at) VALUES ('a job', 1)"));
  }
  const auto database = open();
  EXPECT_EQ(count(*database, "PRAGMA user_version"), 2);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM watches"), 0);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM judged_videos"), 0);
}

TEST_F(DatabaseTest, many_can_create_it_at_once) {
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        if (Database::open(file_)) ++opened;
      });
  }
  EXPECT_EQ(opened, 8);
}

TEST_F(DatabaseTest, refuses_the_schema_of_a_newer_program) {
  ASSERT_TRUE(open()->execute("PRAGMA user_version = 99"));
  EXPECT_EQ(refusal(), ErrorKind::unsupported);
  EXPECT_NE(message_.find("update this program"), std::string::npos) << message_;
  EXPECT_NE(message_.find(file_), std::string::npos) << message_;
}

TEST_F(DatabaseTest, refuses_what_is_no_database) {
  std::ofstream(file_) << std::string(8192, 'x');
  EXPECT_EQ(refusal(), ErrorKind::corrupt);
  EXPECT_NE(message_.find(".recover"), std::string::npos) << message_;
  // It is left as it was.
  EXPECT_EQ(std::filesystem::file_size(file_), 8192U);
}

TEST_F(DatabaseTest, says_when_its_folder_is_missing) {
  file_ = folder_.file("none/aircheck.db");
  EXPECT_EQ(refusal(), ErrorKind::io);
  EXPECT_NE(message_.find("folder"), std::string::npos) << message_;
}

TEST_F(DatabaseTest, says_when_it_stays_locked) {
  const auto first = open();
  const auto second = open({.busy_timeout = milliseconds{20}});
  ASSERT_TRUE(first->execute("BEGIN IMMEDIATE"));
  const auto refused = second->transaction([&]() -> Result<void> { return {}; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  // Readers are not kept out, and afterwards all is well.
  EXPECT_EQ(count(*second, "SELECT count(*) FROM jobs"), 0);
  ASSERT_TRUE(first->execute("COMMIT"));
  EXPECT_TRUE(second->transaction([&]() -> Result<void> { return {}; }));
}

TEST_F(DatabaseTest, a_damaged_file_gives_errors_and_never_a_crash) {
  SystemClock clock;
  {
    const auto jobs = *SqliteJobs::open(file_, clock);
    for (int i = 0; i < 200; ++i) {
      Job job;
      job.id = "0190f3e2-0000-7000-8000-" + std::to_string(100'000'000'000 + i);
      job.created_at = clock.now();
      job.title = std::string(200, 't');
      ASSERT_TRUE(jobs->create(job));
    }
    EXPECT_TRUE(jobs->check());
  }
  const auto size = std::filesystem::file_size(file_);
  std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uint64_t at = 4096; at + 2048 < size; at += 4096) {
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(2048, '\xee');
  }
  file.close();
  const auto jobs = SqliteJobs::open(file_, clock);
  if (!jobs) {
    EXPECT_EQ(jobs.error().kind, ErrorKind::corrupt);
    return;
  }
  const auto listed = (*jobs)->list({.limit = 200});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().kind, ErrorKind::corrupt);
  EXPECT_EQ((*jobs)->check().error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace aircheck::sqlite
