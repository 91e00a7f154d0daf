#include "aws/s3_journal_testing.hpp"

#include <gmock/gmock.h>

namespace aircheck::aws {
namespace {

using testing::ElementsAre;

constexpr std::string_view kId = "0190f3e2";

S3Journal read(const std::string& text, std::string_view tail = {}) {
  S3Journal journal;
  const auto added = journal.add_chunk(as_bytes(make_chunk(kId, 0, text, tail.size()) + std::string(tail)), "etag");
  EXPECT_TRUE(added && *added) << text;
  return journal;
}

ErrorKind refusal(const std::string& chunk) {
  S3Journal journal;
  const auto added = journal.add_chunk(as_bytes(chunk), "etag");
  EXPECT_FALSE(added) << chunk;
  return added ? ErrorKind::internal : added.error().kind;
}

TEST(S3Journal, has_its_lines_parts_and_tail) {
  const auto journal = read(opened_text() + file_text(0) + recorder_text("a") + upload_text(0, "an id") +
                                part_text(0, {.number = 2, .size = 5, .etag = "e", .crc = "c"}) +
                                part_text(0, {.number = 4, .size = 6, .etag = "f", .crc = {}}) + recorder_text("=b"),
                            "tail\n#done 0\n");
  EXPECT_THAT(journal.lines, ElementsAre("a", "=b"));
  ASSERT_TRUE(journal.file);
  EXPECT_EQ(journal.file->upload, "an id");
  EXPECT_EQ(journal.file->uploaded(), 11u);
  EXPECT_EQ(journal.file->next_number, 5);
  EXPECT_FALSE(journal.file->done);
  EXPECT_EQ(journal.file->parts[1].crc, "");
  EXPECT_EQ(as_text(journal.tail), "tail\n#done 0\n");
}

TEST(S3Journal, leaves_out_numbers_whenever_it_is_taken) {
  const auto part = part_text(0, {.number = 10'000, .size = 5, .etag = "e", .crc = {}});
  EXPECT_EQ(read(file_text(0) + part + opened_text()).file->next_number, 10'003);
}

TEST(S3Journal, goes_on_in_the_next_chunk) {
  auto journal = read(file_text(0) + recorder_text("a"), "tail");
  ASSERT_TRUE(*journal.add_chunk(as_bytes(make_chunk(kId, 1, recorder_text("b"), 0)), "etag"));
  EXPECT_THAT(journal.lines, ElementsAre("a", "b"));
  EXPECT_TRUE(journal.tail.empty()) << "that of the last chunk counts";
  EXPECT_FALSE(*journal.add_chunk(as_bytes(make_chunk("another", 2, {}, 0)), "etag")) << "a leftover";
  EXPECT_FALSE(journal.add_chunk(as_bytes(make_chunk(kId, 4, {}, 0)), "etag")) << "one is missing";
}

TEST(S3Journal, damaged_anywhere_is_refused) {
  const auto chunk = make_chunk(kId, 0, file_text(0) + recorder_text("a"), 4) + "tail";
  for (std::size_t length = 0; length < chunk.size(); ++length)
    EXPECT_EQ(refusal(chunk.substr(0, length)), ErrorKind::corrupt) << length;
  EXPECT_EQ(refusal(chunk + "x"), ErrorKind::corrupt);
  EXPECT_EQ(refusal("#aircheck-s3-journal 2 x 0 0 0\n"), ErrorKind::unsupported);
  for (const auto* line :
       {"", "what", "#what 0", "#file x", "#file -1", "#upload 1 x", "#part 0 0 5 e -", "#part 0 -2 5 e -",
        "#part 0 10001 5 e -", "#part 0 2147483647 5 e -", "#part 0 2 -5 e -", "#part 0 2"})
    EXPECT_EQ(refusal(make_chunk(kId, 0, file_text(0) + line + "\n", 0)), ErrorKind::corrupt) << line;
}

}  // namespace
}  // namespace aircheck::aws
