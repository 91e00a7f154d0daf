#include "aws/s3_writer.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <thread>

#include "aws/s3_testing.hpp"
#include "core/memory.hpp"

namespace aircheck::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// moto_world.py takes parts from 4 KiB, another server (AIRCHECK_TEST_S3_URL) only such as S3 does.
const std::size_t kScale = Moto::other_server("S3") ? 80 : 1;
const std::size_t kPart = kScale * 64 * 1024;
constexpr milliseconds kNever{3'600'000};

S3WriterOptions small_parts(milliseconds flush = kNever) {
  return {.part_size = kPart,
          .flush_interval = flush,
          .patience = milliseconds{20},
          .finish_patience = milliseconds{3'000},
          .farewell = milliseconds{3'000},
          .retry_after = milliseconds{5}};
}

std::string text_of(std::size_t size, int seed) {
  std::mt19937 random(static_cast<unsigned>(seed));
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>('a' + random() % 26);
  return out;
}

void expect_ok(const Result<void>& result) { ASSERT_TRUE(result) << result.error().message; }

class S3WriterTest : public testing::Test {
 protected:
  static constexpr std::string_view kKey = "recordings/2026/11/a.mkv";

  std::unique_ptr<RecordingWriter> open(S3WriterOptions options = small_parts()) {
    store_ = bucket_.store(options);
    auto writer = store_->open(kKey);
    EXPECT_TRUE(writer) << writer.error().message;
    return writer ? *std::move(writer) : nullptr;
  }
  static Bytes head(char fill = 'f') { return Bytes(kPart, static_cast<std::byte>(fill)); }
  // As the recorder does: what is not taken now is brought again.
  static Result<void> in_the_end(const std::function<Result<void>()>& call) {
    const auto limit = std::chrono::steady_clock::now() + seconds{20};
    while (std::chrono::steady_clock::now() < limit) {
      auto done = call();
      if (done || done.error().kind != ErrorKind::unavailable) return done;
      std::this_thread::sleep_for(milliseconds{1});
    }
    return fail(ErrorKind::timeout, "the writer takes nothing any more");
  }
  static Result<void> append(RecordingWriter& writer, std::string_view text) {
    const ByteView piece = as_bytes(text);
    return in_the_end([&] { return writer.append(std::span(&piece, 1)); });
  }
  // Appends and commits pieces of `size` (scaled), numbered from `from`; returns their bytes.
  static std::string record(RecordingWriter& writer, int from, int count, std::size_t size) {
    std::string all;
    for (int i = from; i < from + count; ++i) {
      const auto text = text_of(size * kScale, i);
      expect_ok(append(writer, text));
      expect_ok(writer.commit(fmt::format("line {} {}", i, writer.length())));
      all += text;
    }
    return all;
  }
  void finish(RecordingWriter& writer) {
    expect_ok(in_the_end([&] { return writer.finish_file(head()); }));
    expect_ok(writer.close());
  }
  void expect_object(const std::string& bytes) {
    EXPECT_TRUE(bucket_.content(kKey) == std::string(kPart, 'f') + bytes);
    EXPECT_THAT(*bucket_.bucket.list(""), ElementsAre(kKey)) << "nothing else may be left";
    EXPECT_THAT(*bucket_.bucket.uploads_of(kKey), IsEmpty());
  }

  TestBucket bucket_;
  std::unique_ptr<S3Store> store_;
};

TEST(PartSize, grows_late_and_holds_a_long_recording) {
  const S3WriterOptions options;
  EXPECT_EQ(part_size_at(4'000, options), 5u << 20);
  std::uint64_t sum = 0, until_32_gib = 0;
  for (int number = 2; number <= 10'000; ++number) {
    sum += part_size_at(number, options);
    if (sum < (32ull << 30)) until_32_gib = part_size_at(number, options);
  }
  EXPECT_GT(sum, 200ull << 30);
  EXPECT_LT(until_32_gib, 12u << 20) << "twelve hours of 1080p must not take much memory";
  EXPECT_EQ(part_size_at(9'999, {.equal_parts = true}), 5u << 20);
}

TEST_F(S3WriterTest, a_short_recording_is_put_whole) {
  const auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 3, 10'000);
  finish(*writer);
  expect_object(bytes);
}

TEST_F(S3WriterTest, a_long_one_goes_up_in_parts_with_the_head_last) {
  const auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 60, 20'000);
  EXPECT_FALSE(store_->size(kKey)) << "not readable before its end";
  EXPECT_THAT(*bucket_.bucket.uploads_of(kKey), testing::SizeIs(1));
  finish(*writer);
  expect_object(bytes);
}

TEST_F(S3WriterTest, parts_of_the_size_that_s3_demands) {
  S3WriterOptions options;
  options.flush_interval = kNever;
  store_ = bucket_.store(options);
  auto writer = *store_->open(kKey);
  expect_ok(writer->begin_file(0, Bytes(5u << 20)));
  const auto bytes = record(*writer, 0, 4, 3'000'000 / kScale);
  expect_ok(in_the_end([&] { return writer->finish_file(Bytes(5u << 20)); }));
  EXPECT_TRUE(bucket_.content(kKey).substr(5u << 20) == bytes);
}

TEST_F(S3WriterTest, equal_parts_are_equal) {
  auto options = small_parts();
  options.equal_parts = true;
  for (const bool dies : {false, true}) {
    auto writer = open(options);
    expect_ok(writer->begin_file(0, head('p')));
    auto bytes = record(*writer, 0, 30, 15'000);
    if (dies) {
      writer.reset();
      writer = open(options);
      ASSERT_THAT(writer->journal(), testing::SizeIs(30));
      expect_ok(writer->reopen_file(0, kPart + bytes.size()));
    }
    bytes += record(*writer, 30, 30, 15'000);
    finish(*writer);
    expect_object(bytes);
  }
}

TEST_F(S3WriterTest, what_is_old_becomes_durable_though_it_is_no_part) {
  auto writer = open(small_parts(milliseconds{1}));
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 1, 1'000);
  while (!bucket_.has("recordings/2026/11/a.mkv.journal", "=line")) {
  }
  // Another process, as after SIGKILL: it sees what is in the bucket.
  auto other_store = bucket_.store(small_parts());
  auto successor = *other_store->open(kKey);
  ASSERT_THAT(successor->journal(), ElementsAre(fmt::format("line 0 {}", kPart + 1'000 * kScale)));
  expect_ok(successor->reopen_file(0, kPart + bytes.size()));
  finish(*successor);
  expect_object(bytes);
}

TEST_F(S3WriterTest, of_two_recorders_the_later_one_goes_on) {
  auto lost = open(small_parts(milliseconds{1}));
  expect_ok(lost->begin_file(0, head('p')));
  auto bytes = record(*lost, 0, 10, 20'000);
  while (!bucket_.has("recordings/2026/11/a.mkv.journal", "=line")) {
  }
  auto other_store = bucket_.store(small_parts());
  auto opened = other_store->open(kKey);
  ASSERT_TRUE(opened) << opened.error().message;
  auto successor = *std::move(opened);
  std::uint64_t length = 0;
  int next = 0;
  ASSERT_EQ(std::sscanf(successor->journal().back().c_str(), "line %d %lu", &next, &length), 2);
  expect_ok(successor->reopen_file(0, length));
  bytes.resize(length - kPart);

  Result<void> zombie;
  for (int i = 0; i < 2'000 && zombie; ++i) {
    zombie = append(*lost, std::string(5'000 * kScale, 'Z'));
    if (zombie) zombie = lost->commit("zombie");
  }
  ASSERT_FALSE(zombie);
  EXPECT_EQ(zombie.error().kind, ErrorKind::conflict) << zombie.error().message;
  lost.reset();

  bytes += record(*successor, 50, 20, 20'000);
  finish(*successor);
  expect_object(bytes);
}

TEST_F(S3WriterTest, one_that_was_frozen_before_it_noted_anything_harms_nothing) {
  auto frozen = open();
  expect_ok(frozen->begin_file(0, head('p')));
  record(*frozen, 0, 2, 10'000);
  auto frozen_store = std::exchange(store_, nullptr);
  const auto successor = open();
  EXPECT_THAT(successor->journal(), IsEmpty());
  frozen.reset();  // awake again, it would make durable what it has
  expect_ok(successor->begin_file(0, head('p')));
  const auto bytes = record(*successor, 10, 2, 10'000);
  finish(*successor);
  expect_object(bytes);
}

TEST_F(S3WriterTest, one_that_was_frozen_with_everything_durable_does_not_finish) {
  auto frozen = open(small_parts(milliseconds{1}));
  expect_ok(frozen->begin_file(0, head('p')));
  auto bytes = record(*frozen, 0, 5, 20'000);
  while (!bucket_.has("recordings/2026/11/a.mkv.journal", "=line 4")) {
  }
  auto frozen_store = std::exchange(store_, nullptr);
  const auto successor = open();
  expect_ok(successor->reopen_file(0, kPart + bytes.size()));
  const auto finished = frozen->finish_file(head('x'));
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, ErrorKind::conflict) << finished.error().message;
  frozen.reset();
  bytes += record(*successor, 5, 5, 20'000);
  finish(*successor);
  expect_object(bytes);
}

TEST_F(S3WriterTest, every_call_may_fail_in_every_way) {
  const std::vector<std::string> calls{
      "PUT /",        "POST /",   "partNumber=1", "partNumber=2",
      "partNumber=3", ".journal", "?uploads",     "POST /" + bucket_.name + "/" + std::string(kKey) + "?uploadId"};
  for (const std::string kind : {"lost", "500", "throttle"}) {
    for (const auto& call : calls) {
      SCOPED_TRACE(kind + " " + call);
      const auto writer = open();
      expect_ok(writer->begin_file(0, head('p')));
      Moto::instance().fail_next(call, kind, 2);
      const auto bytes = record(*writer, 0, 12, 20'000);
      finish(*writer);
      expect_object(bytes);
    }
  }
}

TEST_F(S3WriterTest, a_bucket_that_fails_for_long_keeps_memory_bounded_and_loses_nothing) {
  const auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  Moto::instance().fail_next("partNumber", "500", 30);  // more than one call's attempts
  auto bytes = record(*writer, 0, 4, 20'000);
  const auto text = text_of(20'000 * kScale, 99);
  const ByteView piece = as_bytes(text);
  Result<void> done;
  while ((done = writer->append(std::span(&piece, 1)))) {
    bytes += text;
    expect_ok(writer->commit("more"));
  }
  EXPECT_EQ(done.error().kind, ErrorKind::unavailable);
  EXPECT_LT(bytes.size(), 4 * kPart);
  bytes += record(*writer, 4, 4, 20'000);
  finish(*writer);
  expect_object(bytes);
}

// Each call of a file's end, and the file after it.
TEST_F(S3WriterTest, a_bucket_that_takes_its_time_holds_up_no_recorder) {
  for (const std::string call : {".journal", "partNumber=", "partNumber=1&", "?uploadId"}) {
    SCOPED_TRACE(call);
    auto options = small_parts();
    options.finish_patience = milliseconds{0};
    auto writer = open(options);
    expect_ok(writer->begin_file(0, head('p')));
    const auto bytes = record(*writer, 0, 12, 20'000);
    Moto::instance().fail_next(call, "500", 8);  // more than one call's attempts
    const auto first = writer->finish_file(head());
    ASSERT_FALSE(first) << "the bucket has not even been asked";
    EXPECT_EQ(first.error().kind, ErrorKind::unavailable);
    const auto text = text_of(10, 1);
    const ByteView piece = as_bytes(text);
    EXPECT_EQ(writer->append(std::span(&piece, 1)).error().kind, ErrorKind::unsupported) << "nothing follows the head";
    expect_ok(in_the_end([&] { return writer->finish_file(head()); }));
    EXPECT_TRUE(bucket_.content(kKey) == std::string(kPart, 'f') + bytes);
    expect_ok(writer->commit("done"));
    expect_ok(in_the_end([&] { return writer->begin_file(1, head('p')); }));
    record(*writer, 12, 1, 1'000);
    expect_ok(in_the_end([&] { return writer->finish_file(head()); }));
    expect_ok(writer->close());
    writer.reset();
    expect_ok(store_->remove(kKey));
  }
}

TEST_F(S3WriterTest, what_the_bucket_refuses_at_the_end_is_told) {
  const auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  record(*writer, 0, 12, 20'000);
  expect_ok(writer->seal_file());
  Moto::instance().fail_next("partNumber=1&", "invalid");
  const auto done = writer->finish_file(head());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("InvalidRequest"));
  finish(*writer);
}

TEST_F(S3WriterTest, an_upload_that_somebody_ended_is_told) {
  const auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  record(*writer, 0, 4, 20'000);
  std::vector<std::string> uploads;
  while ((uploads = *bucket_.bucket.uploads_of(kKey)).empty()) {
  }
  expect_ok(bucket_.bucket.abort_upload(kKey, uploads[0]));
  Result<void> done;
  for (int i = 0; i < 1'000 && done; ++i) {
    done = append(*writer, text_of(20'000 * kScale, i));
    if (done) done = writer->commit("line");
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::not_found);
  EXPECT_THAT(done.error().message, HasSubstr("ended by somebody else"));
  // The recorder begins the file again, with what comes from now on.
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 10, 20'000);
  finish(*writer);
  expect_object(bytes);
  EXPECT_TRUE(bucket_.bucket.uploads_of(kKey)->empty());
}

TEST_F(S3WriterTest, the_number_of_parts_has_an_end) {
  auto options = small_parts();
  options.most_parts = 4;
  const auto writer = open(options);
  expect_ok(writer->begin_file(0, head('p')));
  Result<void> done;
  std::string bytes;
  for (int i = 0; i < 1'000 && done; ++i) {
    const auto text = text_of(20'000 * kScale, i);
    done = append(*writer, text);
    if (!done) break;
    bytes += text;
    expect_ok(writer->commit("line"));
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::unsupported);
  finish(*writer);
  expect_object(bytes);
}

TEST_F(S3WriterTest, died_between_completion_and_its_note) {
  auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 12, 20'000);
  expect_ok(writer->finish_file(head()));
  const auto journal = bucket_.bucket.get("recordings/2026/11/a.mkv.journal");
  ASSERT_TRUE(journal);
  writer.reset();
  // Put the journal back to where it was before "#done".
  S3Journal parsed;
  ASSERT_TRUE(*parsed.add_chunk(journal->body, journal->etag));
  auto text = parsed.last_text.substr(0, parsed.last_text.find("#done"));
  const auto& parts = parsed.file->parts;
  std::uint64_t uploaded = 0;
  for (const auto& part : parts) uploaded += part.size;
  const auto tail = std::string_view(bytes).substr(uploaded);
  const auto beginning = make_chunk(parsed.id, 0, text, tail.size());
  ASSERT_TRUE(bucket_.bucket.put("recordings/2026/11/a.mkv.journal", {beginning, tail}));
  writer = open();
  expect_ok(writer->reopen_file(0, kPart + bytes.size()));
  finish(*writer);
  expect_object(bytes);
}

TEST_F(S3WriterTest, a_long_journal_goes_into_chunks) {
  auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i) {
    expect_ok(append(*writer, text_of(kPart, i)));
    lines.push_back(fmt::format("{} {}", i, std::string(20'000, 'x')));
    expect_ok(writer->commit(lines.back()));
  }
  const auto length = writer->length();
  writer.reset();
  ASSERT_GE(bucket_.bucket.list("recordings/2026/11/a.mkv.journal")->size(), 2U);
  writer = open();
  EXPECT_EQ(writer->journal(), lines);
  expect_ok(writer->reopen_file(0, length));
  finish(*writer);
  EXPECT_EQ(bucket_.content(kKey).size(), length);
  EXPECT_THAT(*bucket_.bucket.list(""), ElementsAre(kKey));
}

TEST_F(S3WriterTest, removing_ends_the_upload) {
  auto writer = open();
  expect_ok(writer->begin_file(0, head('p')));
  record(*writer, 0, 12, 20'000);
  writer.reset();
  ASSERT_THAT(*bucket_.bucket.uploads_of(kKey), testing::SizeIs(1));
  expect_ok(store_->remove(kKey));
  EXPECT_THAT(*bucket_.bucket.uploads_of(kKey), IsEmpty());
  EXPECT_THAT(*bucket_.bucket.list(""), IsEmpty());
}

TEST_F(S3WriterTest, another_programs_journal_is_left_alone) {
  ASSERT_TRUE(bucket_.bucket.put("recordings/2026/11/a.mkv.journal", {"dear diary"}));
  store_ = bucket_.store(small_parts());
  const auto opened = store_->open(kKey);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(bucket_.content("recordings/2026/11/a.mkv.journal"), "dear diary");
}

TEST_F(S3WriterTest, a_missing_bucket_is_told) {
  S3Store nowhere(bucket_.aws.client, {.bucket = "no-such-bucket"});
  const auto opened = nowhere.open(kKey);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("NoSuchBucket"));
}

// Of a machine that has been days without a network: S3 refuses what was not signed within a quarter of an hour.
TEST_F(S3WriterTest, a_clock_that_is_wrong_is_set_by_the_buckets) {
  ManualClock wrong;
  wrong.set(system_now() - std::chrono::hours{50});
  Client client(bucket_.aws.credentials,
                {.environment = Moto::instance().environment(), .http = {.no_proxy = "*"}, .clock = &wrong});
  store_ = std::make_unique<S3Store>(client, BucketOptions{.bucket = bucket_.name}, small_parts());
  EXPECT_EQ(store_->size(kKey).error().kind, ErrorKind::not_found) << "a HEAD, whose refusal has no body";
  EXPECT_LT(std::chrono::abs(client.now() - system_now()), seconds{10});
  wrong.set(system_now() + std::chrono::hours{3});  // somebody sets it, wrongly again
  auto writer = *store_->open(kKey);
  expect_ok(writer->begin_file(0, head('p')));
  const auto bytes = record(*writer, 0, 12, 20'000);
  wrong.set(system_now());
  finish(*writer);
  writer.reset();
  expect_object(bytes);
}

TEST_F(S3WriterTest, a_presigned_url_needs_no_headers) {
  ASSERT_TRUE(bucket_.bucket.put(kKey, {"bytes"}));
  const auto url = bucket_.bucket.presign(kKey, seconds{60});
  ASSERT_TRUE(url);
  const auto got = net::fetch_now({.url = *url}, {.no_proxy = "*"});
  EXPECT_EQ(as_text(got->body), "bytes");
}

}  // namespace
}  // namespace aircheck::aws
