// What a bucket adds to the contract (recordings_contract_test.cpp): parts, and uploads that are left behind.
#include "aws/s3_testing.hpp"

namespace aircheck::aws {
namespace {

constexpr std::string_view kKey = "recordings/a.mkv";
constexpr std::size_t kHead = 16;
// moto_world.py takes parts from 4 KiB, another server (AIRCHECK_TEST_S3_URL) only such as S3 does.
const std::size_t kPart = Moto::other_server("S3") ? 5u << 20 : 4'096;

class S3ReplacementTest : public testing::Test {
 protected:
  S3ReplacementTest() { EXPECT_TRUE(bucket_.bucket.put(kKey, {"old"})); }
  std::unique_ptr<RecordingReplacement> replace(std::size_t part_size) {
    store_ = bucket_.store({.part_size = part_size});
    auto made = store_->replace(kKey, kHead);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : nullptr;
  }
  static void add(RecordingReplacement& file, std::string_view text) {
    const ByteView pieces[] = {as_bytes(text.substr(0, text.size() / 3)), as_bytes(text.substr(text.size() / 3))};
    const auto done = file.append(pieces);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::size_t uploads() {
    const auto found = bucket_.bucket.uploads_of(kKey);
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->size() : 0;
  }

  TestBucket bucket_;
  std::unique_ptr<S3Store> store_;
};

TEST_F(S3ReplacementTest, is_of_one_part_or_many) {
  std::string text;
  for (std::uint64_t i = 0; text.size() < kPart * 7 / 2; ++i) text += std::to_string(i * 7919) + ",";
  const auto piece = text.size() / 13;
  for (const std::size_t part_size : {kPart, kPart + 1, kPart * 2 + 1'815, 2 * text.size()}) {
    const auto fresh = replace(part_size);
    for (std::size_t at = 0; at < text.size(); at += piece) add(*fresh, std::string_view(text).substr(at, piece));
    EXPECT_EQ(fresh->length(), kHead + text.size());
    const auto done = fresh->commit(Bytes(kHead, std::byte{'H'}));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(bucket_.content(kKey) == std::string(kHead, 'H') + text) << "parts of " << part_size;
    EXPECT_EQ(uploads(), 0u);
  }
}

TEST_F(S3ReplacementTest, ends_its_upload_when_it_is_not_committed) {
  auto fresh = replace(kPart);
  add(*fresh, std::string(3 * kPart, 'x'));
  EXPECT_EQ(uploads(), 1u);
  fresh.reset();
  EXPECT_EQ(uploads(), 0u);
  EXPECT_EQ(bucket_.content(kKey), "old");
}

TEST_F(S3ReplacementTest, ends_the_upload_of_one_that_was_killed) {
  ASSERT_TRUE(bucket_.bucket.create_upload(kKey));
  const auto fresh = replace(kPart);
  EXPECT_EQ(uploads(), 0u);
}

TEST_F(S3ReplacementTest, of_two_processes_the_later_one_goes_on) {
  const auto first = replace(kPart);
  add(*first, std::string(3 * kPart, 'x'));
  const auto first_store = std::move(store_);
  const auto second = replace(kPart);
  add(*second, "second");
  EXPECT_FALSE(first->commit(Bytes(kHead)));
  ASSERT_TRUE(second->commit(Bytes(kHead, std::byte{'H'})));
  EXPECT_EQ(bucket_.content(kKey), std::string(kHead, 'H') + "second");
}

}  // namespace
}  // namespace aircheck::aws
