#pragma once
// What every RecordingStore keeps to. A test program instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Memory, RecordingStoreContract, testing::Values([] { return std::make_unique<...>(); }));

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/names.hpp"
#include "core/ports.hpp"

namespace aircheck {

/// A store to test, and the means to come back to it as another process would.
struct RecordingStoreWorld {
  virtual ~RecordingStoreWorld() = default;
  virtual RecordingStore& store() = 0;
  /// Everything in memory is forgotten, as after a crash; no writer is open then.
  virtual void restart() {}
};

class RecordingStoreContract : public testing::TestWithParam<std::function<std::unique_ptr<RecordingStoreWorld>()>> {
 protected:
  static constexpr std::string_view kKey = "recordings/2026/11/abcdefghijk-0190f3e2.mkv";

  RecordingStore& store() { return world_->store(); }

  std::unique_ptr<RecordingWriter> open(std::string_view key = kKey) {
    auto writer = store().open(key);
    EXPECT_TRUE(writer) << writer.error().message;
    return writer ? *std::move(writer) : nullptr;
  }

  static Bytes head_of(const RecordingWriter& writer, char fill) {
    return Bytes(writer.head_size(), static_cast<std::byte>(fill));
  }

  static void append(RecordingWriter& writer, std::string_view text) {
    const ByteView piece = as_bytes(text);
    const auto done = writer.append(std::span(&piece, 1));
    ASSERT_TRUE(done) << done.error().message;
  }

  std::string content(std::string_view key) {
    const auto size = store().size(key);
    EXPECT_TRUE(size) << size.error().message;
    Bytes bytes(size.value_or(0));
    std::size_t at = 0;
    while (at < bytes.size()) {
      const auto got = store().read(key, at, std::span(bytes).subspan(at));
      if (!got || *got == 0) break;
      at += *got;
    }
    EXPECT_EQ(at, bytes.size());
    return std::string(as_text(bytes));
  }

  std::unique_ptr<RecordingStoreWorld> world_ = GetParam()();
};

TEST_P(RecordingStoreContract, begins_without_a_journal) {
  const auto writer = open();
  EXPECT_TRUE(writer->journal().empty());
  EXPECT_GE(writer->head_size(), 4096U);
  const auto size = store().size(kKey);
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().kind, ErrorKind::not_found);
}

TEST_P(RecordingStoreContract, keeps_head_and_bytes_in_order) {
  auto writer = open();
  const auto head = writer->head_size();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  EXPECT_EQ(writer->length(), head);
  const std::vector<ByteView> pieces{as_bytes("one "), as_bytes(""), as_bytes("two")};
  ASSERT_TRUE(writer->append(pieces));
  EXPECT_EQ(writer->length(), head + 7);
  ASSERT_TRUE(writer->commit("state 1"));
  ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  ASSERT_TRUE(writer->close());
  writer.reset();
  EXPECT_EQ(content(kKey), std::string(head, 'f') + "one two");
}

TEST_P(RecordingStoreContract, fills_up_a_short_head) {
  auto writer = open();
  const auto filled = [&](const std::string& head) {
    return head + std::string(writer->head_size() - head.size(), '\0');
  };
  ASSERT_TRUE(writer->begin_file(0, as_bytes("a provisional head")));
  EXPECT_EQ(writer->length(), writer->head_size());
  append(*writer, "one");
  ASSERT_TRUE(writer->commit("state"));
  const auto head = as_bytes("the final one");
  ASSERT_TRUE(writer->finish_file({head.begin(), head.end()}));
  const auto expected = filled("the final one") + "one";
  ASSERT_TRUE(writer->close());
  writer.reset();
  EXPECT_EQ(content(kKey), expected);
}

TEST_P(RecordingStoreContract, refuses_a_head_that_is_too_long) {
  const auto writer = open();
  EXPECT_FALSE(writer->begin_file(0, Bytes(writer->head_size() + 1)));
  ASSERT_TRUE(writer->begin_file(0, {}));
  append(*writer, "one");
  ASSERT_TRUE(writer->commit("state"));
  EXPECT_FALSE(writer->finish_file(Bytes(writer->head_size() + 1)));
}

TEST_P(RecordingStoreContract, reads_any_range) {
  auto writer = open();
  const auto head = writer->head_size();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  append(*writer, "0123456789");
  ASSERT_TRUE(writer->commit("state"));
  ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  ASSERT_TRUE(writer->close());
  Bytes out(4);
  ASSERT_EQ(store().read(kKey, head + 3, out).value_or(99), 4U);
  EXPECT_EQ(as_text(out), "3456");
  ASSERT_EQ(store().read(kKey, head + 8, out).value_or(99), 2U);
  EXPECT_EQ(as_text(out).substr(0, 2), "89");
  EXPECT_EQ(store().read(kKey, head + 10, out).value_or(99), 0U);
  EXPECT_EQ(store().read(kKey, head + 1'000'000, out).value_or(99), 0U);
  const auto missing = store().read("recordings/none.mkv", 0, out);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
}

TEST_P(RecordingStoreContract, a_successor_finds_the_journal_and_the_committed_bytes) {
  auto writer = open();
  const auto head = writer->head_size();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  append(*writer, "first,");
  ASSERT_TRUE(writer->commit("line 1"));
  append(*writer, "second,");
  ASSERT_TRUE(writer->commit("line 2"));
  const auto committed = writer->length();
  append(*writer, "lost");
  writer.reset();  // the recorder dies here
  world_->restart();

  writer = open();
  EXPECT_EQ(writer->journal(), (std::vector<std::string>{"line 1", "line 2"}));
  ASSERT_TRUE(writer->reopen_file(0, committed));
  EXPECT_EQ(writer->length(), committed);
  append(*writer, "third");
  ASSERT_TRUE(writer->commit("line 3"));
  ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  ASSERT_TRUE(writer->close());
  writer.reset();
  EXPECT_EQ(content(kKey), std::string(head, 'f') + "first,second,third");
}

TEST_P(RecordingStoreContract, a_journal_line_is_any_text_of_one_line) {
  const std::string line = R"({"a":"\u00e4 ä \\ \"","n":[1,2]})" + std::string(20'000, 'x');
  auto writer = open();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  append(*writer, "bytes");
  ASSERT_TRUE(writer->commit(line));
  writer.reset();
  world_->restart();
  EXPECT_EQ(open()->journal(), std::vector<std::string>{line});
}

TEST_P(RecordingStoreContract, more_files_are_numbered_from_two) {
  auto writer = open();
  const auto head = writer->head_size();
  for (int index = 0; index < 3; ++index) {
    ASSERT_TRUE(writer->begin_file(index, head_of(*writer, 'p')));
    append(*writer, "file " + std::to_string(index));
    ASSERT_TRUE(writer->commit("line " + std::to_string(index)));
    ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  }
  ASSERT_TRUE(writer->close());
  writer.reset();
  for (int index = 0; index < 3; ++index)
    EXPECT_EQ(content(recording_part_key(kKey, index)), std::string(head, 'f') + "file " + std::to_string(index));
}

TEST_P(RecordingStoreContract, a_closed_recording_has_no_journal) {
  auto writer = open();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  append(*writer, "bytes");
  ASSERT_TRUE(writer->commit("line"));
  ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  ASSERT_TRUE(writer->close());
  writer.reset();
  world_->restart();
  EXPECT_TRUE(open()->journal().empty());
  EXPECT_TRUE(store().size(kKey));
}

TEST_P(RecordingStoreContract, one_writer_at_a_time) {
  auto writer = open();
  ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
  const auto second = store().open(kKey);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(store().open("recordings/2026/11/another-0190f3e3.mkv"));
  writer.reset();
  EXPECT_TRUE(store().open(kKey));
}

TEST_P(RecordingStoreContract, removes_all_files_and_the_journal) {
  auto writer = open();
  for (int index = 0; index < 2; ++index) {
    ASSERT_TRUE(writer->begin_file(index, head_of(*writer, 'p')));
    append(*writer, "bytes");
    ASSERT_TRUE(writer->commit("line"));
    ASSERT_TRUE(writer->finish_file(head_of(*writer, 'f')));
  }
  writer.reset();
  ASSERT_TRUE(store().remove(kKey));
  EXPECT_FALSE(store().size(kKey));
  EXPECT_FALSE(store().size(recording_part_key(kKey, 1)));
  world_->restart();
  EXPECT_TRUE(open()->journal().empty());
  EXPECT_TRUE(store().remove("recordings/2026/11/never-was.mkv"));
}

TEST_P(RecordingStoreContract, names_cannot_leave_the_store) {
  for (const std::string_view key :
       {"", "/etc/passwd", "../secret.mkv", "recordings/../../x.mkv", "a//b.mkv", "a\nb.mkv"}) {
    const auto opened = store().open(key);
    ASSERT_FALSE(opened) << key;
    EXPECT_EQ(opened.error().kind, ErrorKind::invalid_input) << key;
    EXPECT_FALSE(store().remove(key)) << key;
    EXPECT_FALSE(store().size(key)) << key;
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordingStoreContract);

}  // namespace aircheck
