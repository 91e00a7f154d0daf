#include "files/child_launcher.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "files/descriptor.hpp"
#include "files/folder_testing.hpp"

namespace aircheck::files {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Waits for what another process is about to do; the test's time limit ends a fault.
template <class Condition>
void wait_until(Condition&& condition) {
  while (!condition()) ::usleep(1'000);
}

class ChildLauncherTest : public testing::Test {
 protected:
  ~ChildLauncherTest() override {
    for (const auto& token : tokens_)
      if (const auto process = read_run_file(run_path()); process && process->token == token)
        send_signal(*process, SIGKILL);
    for (const auto& process : processes_) send_signal(process, SIGKILL);
  }

  // A shell that runs `script`; the launcher's arguments are its $1 to $4.
  ChildLauncher launcher(const std::string& script) const {
    return ChildLauncher({.program = "/usr/bin/env",
                          .arguments = {"--default-signal=USR1", "sh", "-c", script, "sh"},
                          .environment = {"AIRCHECK_TEST=set by the launcher"},
                          .data = data(),
                          .most_log = 100});
  }
  Job job(std::string token = "token-1") {
    tokens_.push_back(token);
    Job out;
    out.id = "0190f3e2";
    out.lease_owner = std::move(token);
    return out;
  }
  void start(ChildLauncher& launcher, const Job& started) {
    const auto done = launcher.start(started);
    ASSERT_TRUE(done) << done.error().message;
    processes_.push_back(process());
  }
  const std::filesystem::path& data() const { return scratch_.path(); }
  std::filesystem::path run_path() const { return data() / "run/0190f3e2.pid"; }
  RunFile process() const { return read_run_file(run_path()).value_or(RunFile{}); }
  std::string output() const { return content_of(data() / "logs/0190f3e2.log"); }

  ScratchFolder scratch_;
  std::vector<std::string> tokens_;
  std::vector<RunFile> processes_;
};

constexpr auto kWait = "exec sleep 1000";

TEST_F(ChildLauncherTest, starts_a_session_of_its_own_with_the_job_and_its_token) {
  auto children = launcher("echo \"$@\"; echo \"$AIRCHECK_TEST\" >&2; ls /proc/self/fd; echo end; exec sleep 1000");
  const Descriptor not_inherited(::open("/dev/null", O_RDONLY));
  start(children, job());
  wait_until([&] { return output().ends_with("end\n"); });
  EXPECT_EQ(output(),
            "--job-id 0190f3e2 --lease-owner token-1\nset by the launcher\n0\n1\n2\n3\nend\n");  // 3 is of ls itself
  EXPECT_EQ(::getsid(process().pid), process().pid);
  EXPECT_EQ(children.is_dead(job()), false);
}

TEST_F(ChildLauncherTest, one_token_starts_one_recorder) {
  auto children = launcher(kWait);
  start(children, job());
  const auto first = process().pid;
  start(children, job());
  EXPECT_EQ(process().pid, first);
}

TEST_F(ChildLauncherTest, knows_the_dead) {
  auto children = launcher("exit 0");
  start(children, job());
  wait_until([&] { return children.is_dead(job()) == true; });
  EXPECT_NE(::kill(process().pid, 0), 0) << "it was not reaped";
  EXPECT_EQ(children.is_dead(job("token-2")), std::nullopt) << "under another token it was never started";
  EXPECT_EQ(ChildLauncher({.data = data()}).is_dead(job()), true);
}

TEST_F(ChildLauncherTest, counts_and_dismisses_those_of_an_earlier_one_too) {
  {
    auto children = launcher("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    EXPECT_EQ(children.running(), 0U);
    start(children, job());
    EXPECT_EQ(children.running(), 1U);
    wait_until([&] { return output() == "ready\n"; });
  }
  ChildLauncher next({.data = data()});
  EXPECT_EQ(next.running(), 1U);
  next.dismiss();
  wait_until([&] { return next.running() == 0; });
}

TEST_F(ChildLauncherTest, knows_nothing_of_jobs_it_never_started) {
  auto children = launcher(kWait);
  EXPECT_EQ(children.is_dead(job()), std::nullopt);
  children.nudge(job());
}

TEST_F(ChildLauncherTest, the_next_server_finds_the_recorder_again) {
  {
    auto children = launcher(kWait);
    start(children, job());
  }
  auto next = launcher(kWait);
  EXPECT_EQ(next.is_dead(job()), false);
  const auto before = process().pid;
  start(next, job());
  EXPECT_EQ(process().pid, before);
  send_signal(process(), SIGKILL);
  wait_until([&] { return next.is_dead(job()) == true; });
}

TEST_F(ChildLauncherTest, a_pid_that_came_back_is_another_process) {
  auto self = *describe_process(::getpid());
  self.token = "token-1";
  std::filesystem::create_directories(data() / "run");
  auto children = launcher(kWait);
  ASSERT_TRUE(write_run_file(run_path(), self));
  EXPECT_EQ(children.is_dead(job()), false);
  auto earlier = self;
  --earlier.start_time;
  ASSERT_TRUE(write_run_file(run_path(), earlier));
  EXPECT_EQ(children.is_dead(job()), true);
  children.nudge(job());  // would end this test
  auto other_boot = self;
  other_boot.boot_id = "before";
  ASSERT_TRUE(write_run_file(run_path(), other_boot));
  EXPECT_EQ(children.is_dead(job()), true);
  std::filesystem::remove(run_path());
}

TEST_F(ChildLauncherTest, nudges) {
  auto children = launcher("trap 'echo nudged; exit' USR1; echo ready; while :; do sleep 0.01; done");
  start(children, job());
  wait_until([&] { return output() == "ready\n"; });
  children.nudge(job());
  wait_until([&] { return children.is_dead(job()) == true; });
  EXPECT_EQ(output(), "ready\nnudged\n");
}

TEST_F(ChildLauncherTest, a_nudge_before_the_recorder_listens_does_not_end_it) {
  const auto pipe = (data() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ChildLauncher children(
      {.program = "/bin/sh", .arguments = {"-c", "read word <" + pipe + "; echo still here"}, .data = data()});
  start(children, job());
  children.nudge(job());
  std::ofstream(pipe) << "go\n";
  wait_until([&] { return children.is_dead(job()) == true; });
  EXPECT_EQ(output(), "still here\n");
}

TEST_F(ChildLauncherTest, who_lost_the_lease_is_asked_to_leave) {
  auto children = launcher(kWait);
  start(children, job("token-1"));
  const auto first = process();
  start(children, job("token-2"));
  EXPECT_NE(process().pid, first.pid);
  wait_until([&] { return !is_running(first); });
  EXPECT_EQ(children.is_dead(job("token-2")), false);
}

TEST_F(ChildLauncherTest, says_why_it_cannot_start) {
  ChildLauncher children({.program = data() / "missing", .data = data()});
  const auto started = children.start(job());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::not_found);
  EXPECT_THAT(started.error().message, StartsWith("cannot start " + (data() / "missing").string()));
  wait_until([&] { return children.is_dead(job()) == true; });
  Job nameless = job();
  nameless.id = "../x";
  EXPECT_EQ(children.start(nameless).error().kind, ErrorKind::invalid_input);
}

TEST_F(ChildLauncherTest, a_long_log_is_put_aside) {
  auto children = launcher("echo new; exec sleep 1000");
  write_file(data() / "logs/0190f3e2.log", std::string(101, 'x'));
  start(children, job());
  wait_until([&] { return output() == "new\n"; });
  EXPECT_EQ(content_of(data() / "logs/0190f3e2.log.1"), std::string(101, 'x'));
}

TEST_F(ChildLauncherTest, forgets_what_is_old_and_over) {
  const auto age = [](const std::filesystem::path& path, int days) {
    std::filesystem::last_write_time(path,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours{24 * days});
  };
  for (const auto* name : {"run/old.pid", "run/new.pid", "run/alive.pid", "logs/old.log", "logs/new.log"})
    write_file(data() / name, "");
  auto self = *describe_process(::getpid());
  self.token = "t";
  ASSERT_TRUE(write_run_file(data() / "run/alive.pid", self));
  for (const auto* name : {"run/old.pid", "run/alive.pid"}) age(data() / name, 2);
  age(data() / "logs/old.log", 31);
  launcher(kWait);
  EXPECT_FALSE(std::filesystem::exists(data() / "run/old.pid"));
  EXPECT_FALSE(std::filesystem::exists(data() / "logs/old.log"));
  for (const auto* name : {"run/new.pid", "run/alive.pid", "logs/new.log"})
    EXPECT_TRUE(std::filesystem::exists(data() / name)) << name;
}

}  // namespace
}  // namespace aircheck::files
