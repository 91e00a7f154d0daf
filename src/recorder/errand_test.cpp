// What takes long is done beside the loop, and its end comes back into it.
#include "recorder/errand.hpp"

#include <gtest/gtest.h>

#include <future>

namespace aircheck::recorder {
namespace {

TEST(Errand, runs_beside_the_loop) {
  net::Loop loop{{}};
  Errand errand(loop);
  std::promise<void> leave;
  std::thread::id worker;
  int done = 0;
  errand.run(
      [&] {
        leave.get_future().wait();
        worker = std::this_thread::get_id();
      },
      [&] {
        ++done;
        loop.stop();
      });
  // The loop turns while the task waits for it.
  loop.after(milliseconds{1}, [&] {
    EXPECT_TRUE(errand.busy());
    leave.set_value();
  });
  loop.run();
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(errand.busy());
  EXPECT_NE(worker, std::this_thread::get_id());
}

TEST(Errand, settled_ones_do_not_come_back) {
  net::Loop loop{{}};
  Errand errand(loop);
  std::string order;
  errand.run([&] { order += "a"; }, [&] { order += "x"; });
  errand.settle();
  EXPECT_EQ(order, "a");
  errand.run([&] { order += "b"; },
             [&] {
               order += "c";
               loop.stop();
             });
  loop.run();
  EXPECT_EQ(order, "abc");
}

TEST(Errand, ends_with_a_task_under_way) {
  net::Loop loop{{}};
  bool finished = false;
  {
    Errand errand(loop);
    errand.run([&] { finished = true; }, [] {});
    errand.settle();
  }
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace aircheck::recorder
