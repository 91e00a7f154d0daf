// What a folder adds to the contract (folder_store_test.cpp): it survives SIGKILL and other people's files.
#include "files/folder_replacement.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "files/folder_store.hpp"
#include "files/folder_testing.hpp"

namespace aircheck::files {
namespace {

constexpr std::string_view kKey = "recordings/2026/11/a.mkv";
constexpr std::size_t kHead = 8;

class FolderReplacementTest : public testing::Test {
 protected:
  FolderReplacementTest() { write_file(path(), "old bytes"); }
  std::filesystem::path path(std::string_view more = "") const {
    return scratch_.path() / (std::string(kKey) + std::string(more));
  }
  static void add(RecordingReplacement& file, std::string_view text) {
    const ByteView piece = as_bytes(text);
    ASSERT_TRUE(file.append(std::span(&piece, 1)));
  }

  ScratchFolder scratch_;
  FolderStore store_{scratch_.path()};
};

TEST_F(FolderReplacementTest, killed_leaves_the_old_file_and_the_next_begins_anew) {
  ASSERT_TRUE(die_after([this] {
    auto fresh = store_.replace(kKey, kHead);
    add(**fresh, "much more than the next one writes");
    return fresh;
  }));
  EXPECT_EQ(content_of(path()), "old bytes");
  EXPECT_TRUE(std::filesystem::exists(path(".repair")));
  auto fresh = store_.replace(kKey, kHead);
  ASSERT_TRUE(fresh) << fresh.error().message;
  add(**fresh, "new");
  ASSERT_TRUE((*fresh)->commit(Bytes(kHead, std::byte{'H'})));
  EXPECT_EQ(content_of(path()), "HHHHHHHHnew");
  EXPECT_FALSE(std::filesystem::exists(path(".repair")));
}

TEST_F(FolderReplacementTest, keeps_the_file_s_rights) {
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  auto fresh = store_.replace(kKey, kHead);
  ASSERT_TRUE(fresh && (*fresh)->commit(Bytes(kHead)));
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(FolderReplacementTest, what_a_killed_one_left_goes_with_the_recording) {
  write_file(path(".repair"), "left over");
  ASSERT_TRUE(store_.remove(kKey));
  EXPECT_FALSE(std::filesystem::exists(path()) || std::filesystem::exists(path(".repair")));
}

TEST_F(FolderReplacementTest, follows_no_link) {
  write_file(scratch_.path() / "other", "somebody's");
  std::filesystem::create_symlink(scratch_.path() / "other", path(".repair"));
  EXPECT_FALSE(store_.replace(kKey, kHead));
  EXPECT_EQ(content_of(scratch_.path() / "other"), "somebody's");
}

TEST_F(FolderReplacementTest, is_not_begun_where_it_has_no_room) {
  if (::mount("aircheck", scratch_.path().c_str(), "tmpfs", 0, "size=2m") != 0) GTEST_SKIP() << "mounting takes root";
  write_file(path(), std::string(1'000'000, 'x'));
  const auto refused = store_.replace(kKey, kHead);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::disk_full);
  EXPECT_FALSE(std::filesystem::exists(path(".repair")));
  write_file(path(), std::string(900'000, 'x'));
  EXPECT_TRUE(store_.replace(kKey, kHead));
  EXPECT_EQ(::umount(scratch_.path().c_str()), 0);
}

TEST_F(FolderReplacementTest, scratch_files_have_no_name) {
  const auto scratch = store_.scratch(kKey);
  ASSERT_TRUE(scratch) << scratch.error().message;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path().parent_path()), {}), 1);
}

TEST_F(FolderReplacementTest, those_for_no_folder_are_in_tmpdir) {
  ::setenv("TMPDIR", scratch_.path().c_str(), 1);
  const auto made = temporary_file();
  ::setenv("TMPDIR", (scratch_.path() / "nowhere").c_str(), 1);
  const auto nowhere = temporary_file();
  ::unsetenv("TMPDIR");
  ASSERT_TRUE(made) << made.error().message;
  const auto text = std::string(100'000, 'x') + "y";
  const ByteView pieces[] = {as_bytes(text).first(10), as_bytes(text).subspan(10)};
  ASSERT_TRUE((*made)->append(pieces));
  Bytes out(2);
  ASSERT_TRUE((*made)->read(text.size() - 2, out));
  EXPECT_EQ(as_text(out), "xy");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch_.path()), {}), 1) << "the recordings alone";
  EXPECT_FALSE(nowhere);
}

}  // namespace
}  // namespace aircheck::files
