#include "aircheck/data_folder.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "base/scratch_testing.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

class DataFolderTest : public testing::Test {
 protected:
  ScratchFolder scratch_;
  const fs::path& root_ = scratch_.path();
};

TEST_F(DataFolderTest, IsMadeWhereItIsMissing) {
  const auto folder = DataFolder::open(root_ / "a" / "b");
  ASSERT_TRUE(folder);
  EXPECT_TRUE(fs::is_directory(root_ / "a" / "b"));
  EXPECT_EQ(folder->database(), (root_ / "a" / "b" / "aircheck.db").string());
}

TEST_F(DataFolderTest, BelongsToOneServerAtATime) {
  {
    const auto first = DataFolder::open(root_);
    ASSERT_TRUE(first);
    const auto second = DataFolder::open(root_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_THAT(second.error().message, testing::HasSubstr("--data"));
  }
  EXPECT_TRUE(DataFolder::open(root_)) << "free again";
}

TEST_F(DataFolderTest, CannotBeAFile) {
  std::ofstream(root_ / "file") << "x";
  EXPECT_EQ(DataFolder::open(root_ / "file").error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace aircheck::apps
