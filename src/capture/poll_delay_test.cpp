#include "capture/poll_delay.hpp"

#include <gtest/gtest.h>

namespace aircheck::capture {
namespace {

TEST(PollDelay, IsTheTargetDurationAfterAChangeAndHalfOfItWithoutOne) {
  EXPECT_EQ(poll_delay({.target = seconds{5}, .added = 1}), seconds{5});
  EXPECT_EQ(poll_delay({.target = seconds{5}, .added = 0}), milliseconds{2'500});
}

TEST(PollDelay, IsSharedBySegmentsThatComeTogether) {
  EXPECT_EQ(poll_delay({.target = seconds{5}, .added = 4}), milliseconds{1'250});
}

TEST(PollDelay, IsNeverNothing) {
  EXPECT_EQ(poll_delay({.target = seconds{5}, .added = 10'000}), milliseconds{100});
  EXPECT_EQ(poll_delay({.target = {}, .added = 0}), milliseconds{100});
}

TEST(PollDelay, IsLongWhereAllThatIsListedStaysThereAndWaits) {
  EXPECT_EQ(poll_delay({.target = seconds{2}, .added = 21'600, .more_than_queued = true}), seconds{10});
  EXPECT_EQ(poll_delay({.target = seconds{30}, .added = 1, .more_than_queued = true}), seconds{30});
}

TEST(PollDelay, IsTheUsualOneWhereWhatWaitsMayBeDropped) {
  EXPECT_EQ(poll_delay({.target = seconds{2}, .added = 1, .more_than_queued = true, .drops = true}), seconds{2});
}

}  // namespace
}  // namespace aircheck::capture
