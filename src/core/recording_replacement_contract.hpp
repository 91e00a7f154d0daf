#pragma once
// What a RecordingStore keeps to whose files can be made anew. Instantiated as recording_store_contract.hpp is.

#include <memory>
#include <string>

#include "core/recording_store_contract.hpp"

namespace aircheck {

class RecordingReplacementContract : public RecordingStoreContract {
 protected:
  static constexpr std::size_t kHead = 16;

  void SetUp() override {
    const auto writer = open();
    ASSERT_TRUE(writer->begin_file(0, head_of(*writer, 'p')));
    append(*writer, "old");
    ASSERT_TRUE(writer->commit("1"));
    ASSERT_TRUE(writer->finish_file(head_of(*writer, 'h')));
    ASSERT_TRUE(writer->close());
    old_ = content(kKey);
  }

  std::unique_ptr<RecordingReplacement> replace() {
    auto out = store().replace(kKey, kHead);
    EXPECT_TRUE(out) << out.error().message;
    return out ? *std::move(out) : nullptr;
  }
  template <class File>
  static void add(File& file, std::string_view text) {
    const ByteView piece = as_bytes(text);
    const auto done = file.append(std::span(&piece, 1));
    ASSERT_TRUE(done) << done.error().message;
  }

  std::string old_;
};

TEST_P(RecordingReplacementContract, takes_the_place_when_it_is_committed) {
  const auto fresh = replace();
  add(*fresh, "new ");
  add(*fresh, "bytes");
  EXPECT_EQ(fresh->length(), kHead + 9);
  EXPECT_EQ(content(kKey), old_);
  const auto done = fresh->commit(Bytes(kHead, std::byte{'H'}));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(content(kKey), std::string(kHead, 'H') + "new bytes");
}

TEST_P(RecordingReplacementContract, leaves_nothing_behind_when_it_is_not) {
  add(*replace(), "new");
  EXPECT_EQ(content(kKey), old_);
  add(*replace(), "another");
  EXPECT_EQ(content(kKey), old_);
}

TEST_P(RecordingReplacementContract, is_one_at_a_time) {
  const auto first = replace();
  EXPECT_EQ(store().replace(kKey, kHead).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(first->commit(Bytes(kHead)));
}

TEST_P(RecordingReplacementContract, does_not_bring_back_what_was_removed) {
  const auto fresh = replace();
  ASSERT_TRUE(store().remove(kKey));
  EXPECT_EQ(fresh->commit(Bytes(kHead)).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(store().size(kKey));
  EXPECT_EQ(store().replace(kKey, kHead).error().kind, ErrorKind::not_found);
}

/// Of stores that bring room of their own for it.
class RecordingScratchContract : public RecordingReplacementContract {};

TEST_P(RecordingScratchContract, scratch_files_give_back_what_they_were_given) {
  auto made = store().scratch(kKey);
  ASSERT_TRUE(made) << made.error().message;
  auto& scratch = **made;
  add(scratch, "some");
  add(scratch, "thing");
  EXPECT_EQ(scratch.length(), 9u);
  Bytes out(5);
  ASSERT_TRUE(scratch.read(4, out));
  EXPECT_EQ(as_text(out), "thing");
  EXPECT_EQ(scratch.read(5, out).error().kind, ErrorKind::corrupt);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordingReplacementContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordingScratchContract);

}  // namespace aircheck
