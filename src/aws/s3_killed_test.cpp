// A recorder that is killed at any moment, and the next one that goes on in the bucket where the journal says.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "aws/s3_testing.hpp"

namespace aircheck::aws {
namespace {

constexpr std::size_t kPart = 64 * 1024;
constexpr std::string_view kKey = "recordings/2026/11/killed.mkv";
constexpr int kNeverMore = 2'000;  // segments: a child that nobody kills ends

const S3WriterOptions kOptions{.part_size = kPart,
                               .flush_interval = milliseconds{2},
                               .finish_patience = milliseconds{20'000},
                               .retry_after = milliseconds{5}};

// Segment `i`: its bytes tell where each belongs.
std::string segment(int i) {
  return fmt::format("[{}]", i) +
         std::string(static_cast<std::size_t>(i * 7919 % 30'000), static_cast<char>('a' + i % 26));
}

struct Last {
  int number = -1;
  std::uint64_t length = 0;
};

Last last_of(const std::vector<std::string>& journal) {
  Last last;
  if (!journal.empty()) std::sscanf(journal.back().c_str(), "%d %lu", &last.number, &last.length);
  return last;
}

// Goes on where the journal says and tells of each commit, until it is killed.
void write_until_killed(const std::string& bucket, int report) {
  MotoClient aws;
  S3Store store(aws.client, {.bucket = bucket}, kOptions);
  auto opened = store.open(kKey);
  if (!opened) ::_exit(1);
  auto& writer = **opened;
  const auto last = last_of(writer.journal());
  const auto begun = last.number < 0 ? writer.begin_file(0, Bytes(kPart)) : writer.reopen_file(0, last.length);
  if (!begun) {
    fmt::print(stderr, "cannot go on: {} ({})\n", begun.error().message, last.length);
    ::_exit(2);
  }
  for (int next = last.number + 1; next < kNeverMore; ++next) {
    const auto text = segment(next);
    const ByteView piece = as_bytes(text);
    while (!writer.append(std::span(&piece, 1))) std::this_thread::sleep_for(milliseconds{1});
    if (!writer.commit(fmt::format("{} {}", next, writer.length()))) ::_exit(3);
    if (::write(report, &next, sizeof next) != sizeof next) ::_exit(4);
  }
  ::_exit(5);
}

// Starts a recorder and kills it after some commits.
void run_and_kill(const std::string& bucket, std::mt19937& random) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(bucket, ends[1]);
  }
  ::close(ends[1]);
  int number = -1;
  for (auto reports = 5 + random() % 40; reports > 0 && ::read(ends[0], &number, sizeof number) == sizeof number;)
    --reports;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(ends[0]);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the recorder failed with " << WEXITSTATUS(status);
}

TEST(S3Killed, at_any_moment_the_next_one_goes_on_without_a_hole) {
  TestBucket bucket;
  std::mt19937 random(20261123);
  Last last;
  for (int i = 0; i < 12; ++i) {
    run_and_kill(bucket.name, random);
    const auto store = bucket.store(kOptions);
    const auto writer = store->open(kKey);
    ASSERT_TRUE(writer) << writer.error().message;
    const auto now = last_of((*writer)->journal());
    ASSERT_GE(now.number, last.number) << "nothing that was durable is lost";
    ASSERT_EQ(static_cast<int>((*writer)->journal().size()), now.number + 1);
    last = now;
  }
  ASSERT_GT(last.number, 10);
  std::string expected(kPart, 'f');
  for (int i = 0; i <= last.number; ++i) expected += segment(i);
  ASSERT_EQ(last.length, expected.size());
  const auto store = bucket.store(kOptions);
  const auto writer = *store->open(kKey);
  ASSERT_TRUE(writer->reopen_file(0, last.length));
  const auto finished = writer->finish_file(Bytes(kPart, std::byte{'f'}));
  ASSERT_TRUE(finished) << finished.error().message;
  ASSERT_TRUE(writer->close());
  EXPECT_TRUE(bucket.content(kKey) == expected);
  EXPECT_EQ(bucket.bucket.list("")->size(), 1U);
  EXPECT_TRUE(bucket.bucket.uploads_of(kKey)->empty());
}

}  // namespace
}  // namespace aircheck::aws
