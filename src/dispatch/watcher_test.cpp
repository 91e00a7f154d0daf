#include "dispatch/watcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/memory.hpp"
#include "core/watch_samples_testing.hpp"

namespace aircheck::dispatch {
namespace {

constexpr auto kId = "UC0123456789abcdefghijkl";

// A channel as a test says it is, which notes what it is asked.
struct FakeChannels final : ChannelSource {
  std::map<std::string, Result<ChannelFeed>> feeds;     // by channel id
  std::map<std::string, Result<Broadcast>> broadcasts;  // by address
  std::vector<std::string> asked;                       // addresses of broadcasts
  int feeds_read = 0;

  Result<std::string> channel_id(const std::string& channel) override {
    if (channel.ends_with("/@gone")) return fail(ErrorKind::not_found, "the server answered 404");
    return std::string(kId);
  }
  Result<ChannelFeed> feed(const std::string& id) override {
    ++feeds_read;
    const auto found = feeds.find(id);
    return found == feeds.end() ? ChannelFeed{.channel_name = "A channel", .entries = {}} : found->second;
  }
  Result<Broadcast> broadcast(const std::string& url) override {
    asked.push_back(url);
    const auto found = broadcasts.find(url);
    return found == broadcasts.end() ? fail(ErrorKind::not_live, "not live") : found->second;
  }

  static std::string address(const std::string& video_id) { return "https://www.youtube.com/watch?v=" + video_id; }
  static std::string live_page() { return std::string("https://www.youtube.com/channel/") + kId + "/live"; }
  void publish(const std::string& video_id, const std::string& title, Broadcast::State state) {
    if (!feeds.contains(kId)) feeds.emplace(kId, ChannelFeed{.channel_name = "A channel", .entries = {}});
    auto& entries = feeds.at(kId)->entries;
    entries.insert(entries.begin(), FeedEntry{.video_id = video_id, .title = title});
    set(address(video_id), Broadcast{.state = state, .video_id = video_id, .title = title, .channel = "A channel"});
  }
  void set(const std::string& url, Result<Broadcast> answer) { broadcasts.insert_or_assign(url, std::move(answer)); }
  std::size_t times_asked(const std::string& url) const {
    return static_cast<std::size_t>(std::ranges::count(asked, url));
  }
};

class WatcherTest : public testing::Test {
 protected:
  using State = Broadcast::State;

  Watcher watcher() {
    return {{.watches = watches_,
             .queue = queue_,
             .channels = channels_,
             .clock = clock_,
             .on_queued = [this] { ++queued_; }},
            {}};
  }
  void watch(std::uint64_t number, std::string title = {}, std::string channel = "https://www.youtube.com/@a") {
    auto made = test_watch(number);
    made.channel = std::move(channel);
    made.title = std::move(title);
    ASSERT_TRUE(watches_.create(made));
  }
  Watch stored(std::size_t index = 0) { return watches_.list()->at(index); }
  std::vector<Job> jobs() { return jobs_.list({.limit = 200})->jobs; }
  // One look, and the time until the next is due.
  Watcher::Step step(Watcher& watcher) {
    const auto done = watcher.step();
    EXPECT_TRUE(done) << done.error().message;
    clock_.advance(seconds{67});
    return done.value_or(Watcher::Step{});
  }

  ManualClock clock_;
  MemoryJobs jobs_{clock_};
  MemoryWatches watches_{jobs_};
  MemoryQueue queue_{clock_};
  FakeChannels channels_;
  int queued_ = 0;
};

TEST_F(WatcherTest, a_broadcast_gets_a_job) {
  watch(1);
  channels_.publish("live0000001", "On the air", State::live);
  auto watcher = this->watcher();
  EXPECT_EQ(step(watcher).jobs, 1U);
  ASSERT_EQ(jobs().size(), 1U);
  const auto job = jobs()[0];
  EXPECT_EQ(job.url, FakeChannels::address("live0000001"));
  EXPECT_EQ(job.video_id, "live0000001");
  EXPECT_EQ(job.title, "On the air");
  EXPECT_EQ(job.channel, "A channel");
  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(queue_.depth()->waiting, 1U);
  EXPECT_EQ(queued_, 1);
  const auto found = stored();
  EXPECT_EQ(found.channel_id, kId);
  EXPECT_EQ(found.channel_name, "A channel");
  EXPECT_EQ(found.last_job_id, job.id);
  EXPECT_EQ(found.last_seen, (SeenVideo{"live0000001", "On the air"}));
  EXPECT_FALSE(found.last_error);
  EXPECT_TRUE(found.last_checked_at);
}

TEST_F(WatcherTest, hands_on_how_to_record) {
  auto made = test_watch(1);
  made.quality = "720";
  made.from_start = true;
  ASSERT_TRUE(watches_.create(made));
  channels_.publish("live0000001", "On the air", State::upcoming);
  auto watcher = this->watcher();
  step(watcher);
  ASSERT_EQ(jobs().size(), 1U);
  EXPECT_EQ(jobs()[0].quality, "720");
  EXPECT_TRUE(jobs()[0].from_start);
}

TEST_F(WatcherTest, a_judged_video_is_asked_about_once_also_after_a_restart) {
  watch(1);
  channels_.publish("live0000001", "On the air", State::live);
  channels_.publish("old00000001", "An upload", State::over);
  for (int i = 0; i < 3; ++i) {
    auto watcher = this->watcher();
    step(watcher);
    step(watcher);
  }
  EXPECT_EQ(jobs().size(), 1U);
  EXPECT_EQ(channels_.times_asked(FakeChannels::address("live0000001")), 1U);
  EXPECT_EQ(channels_.times_asked(FakeChannels::address("old00000001")), 1U);
  EXPECT_EQ(channels_.times_asked(FakeChannels::live_page()), 1U) << "at the first look only";
}

TEST_F(WatcherTest, titles_that_are_not_wanted_are_not_asked_about) {
  watch(1, "news");
  channels_.publish("game0000001", "Playing a game", State::live);
  channels_.publish("news0000001", "The News at ten", State::live);
  auto watcher = this->watcher();
  step(watcher);
  ASSERT_EQ(jobs().size(), 1U);
  EXPECT_EQ(jobs()[0].video_id, "news0000001");
  EXPECT_EQ(channels_.times_asked(FakeChannels::address("game0000001")), 0U);
  channels_.feeds.at(kId)->entries[1].title = "Breaking news";  // a title may become one that is wanted
  step(watcher);
  EXPECT_EQ(jobs().size(), 2U);
}

TEST_F(WatcherTest, what_is_long_on_the_air_is_found_by_the_live_page) {
  watch(1, "radio");
  Broadcast radio{.state = State::live, .video_id = "radio000001", .title = "Radio", .channel = "A"};
  channels_.set(FakeChannels::live_page(), radio);
  auto watcher = this->watcher();
  EXPECT_EQ(step(watcher).jobs, 1U);
  EXPECT_EQ(jobs().at(0).video_id, "radio000001");
}

TEST_F(WatcherTest, while_the_feed_is_broken_the_live_page_is_asked) {
  watch(1);
  channels_.feeds.emplace(kId, fail(ErrorKind::not_found, "the channel's feed: the server answered 404"));
  auto watcher = this->watcher();
  EXPECT_EQ(step(watcher).troubled, 1U);
  EXPECT_EQ(stored().last_error->message, "the channel's feed: the server answered 404");
  channels_.set(FakeChannels::live_page(), Broadcast{.state = State::live, .video_id = "live0000001", .title = "Now"});
  clock_.advance(seconds{600});
  EXPECT_EQ(step(watcher).jobs, 1U);
  EXPECT_TRUE(stored().last_error) << "it is still broken";
  channels_.feeds.clear();
  clock_.advance(seconds{600});
  step(watcher);
  EXPECT_FALSE(stored().last_error);
}

TEST_F(WatcherTest, looks_less_often_at_a_broken_feed) {
  watch(1);
  channels_.feeds.emplace(kId, fail(ErrorKind::unavailable, "the server answered 500"));
  auto watcher = this->watcher();
  for (int minutes = 0; minutes < 60; ++minutes) {
    ASSERT_TRUE(watcher.step());
    clock_.advance(seconds{60});
  }
  EXPECT_LT(channels_.feeds_read, 15);
  EXPECT_GT(channels_.feeds_read, 5);
}

TEST_F(WatcherTest, one_in_trouble_hinders_no_other) {
  watch(1, {}, "https://www.youtube.com/@gone");
  watch(2, "[", "https://www.youtube.com/@b");  // as no API would take it
  watch(3);
  channels_.publish("live0000001", "On the air", State::live);
  auto watcher = this->watcher();
  const auto done = step(watcher);
  EXPECT_EQ(done.looked, 3U);
  EXPECT_EQ(done.jobs, 1U);
  EXPECT_EQ(stored(0).last_error->kind, ErrorKind::not_found);
  EXPECT_EQ(stored(1).last_error->kind, ErrorKind::invalid_input);
  EXPECT_FALSE(stored(2).last_error);
}

TEST_F(WatcherTest, a_video_that_tells_nothing_is_asked_about_less_and_less) {
  watch(1);
  channels_.publish("member00001", "For members", State::live);
  channels_.publish("live0000001", "For all", State::live);
  channels_.set(FakeChannels::address("member00001"), fail(ErrorKind::members_only, "only members may see it"));
  auto watcher = this->watcher();
  for (int i = 0; i < 60; ++i) step(watcher);
  EXPECT_EQ(jobs().size(), 1U);
  EXPECT_EQ(stored().last_error->kind, ErrorKind::members_only);
  EXPECT_NE(stored().last_error->message.find("member00001"), std::string::npos);
  const auto asked = channels_.times_asked(FakeChannels::address("member00001"));
  EXPECT_GT(asked, 3U);
  EXPECT_LT(asked, 10U);
  channels_.publish("member00001", "For all now", State::live);
  clock_.advance(seconds{3600});
  step(watcher);
  EXPECT_EQ(jobs().size(), 2U);
  EXPECT_FALSE(stored().last_error);
}

TEST_F(WatcherTest, an_announced_one_gets_its_job_also_where_nothing_else_is_told) {
  watch(1);
  channels_.publish("soon0000001", "Tomorrow", State::upcoming);
  channels_.set(FakeChannels::address("soon0000001"), fail(ErrorKind::upcoming, "the stream has not begun"));
  auto watcher = this->watcher();
  step(watcher);
  ASSERT_EQ(jobs().size(), 1U);
  EXPECT_EQ(jobs()[0].title, "Tomorrow");
}

TEST_F(WatcherTest, asks_about_a_few_in_one_look) {
  watch(1);
  for (int i = 10; i < 25; ++i) channels_.publish("old000000" + std::to_string(i), "Upload", State::over);
  auto watcher = this->watcher();
  step(watcher);
  EXPECT_EQ(channels_.asked.size(), 6U);  // the live page too
  step(watcher);
  step(watcher);
  step(watcher);
  EXPECT_EQ(channels_.asked.size(), 16U);
}

TEST_F(WatcherTest, keeps_to_its_interval) {
  watch(1);
  auto watcher = this->watcher();
  ASSERT_TRUE(watcher.step());
  clock_.advance(seconds{50});
  EXPECT_EQ(watcher.step()->looked, 0U);
  clock_.advance(seconds{10});
  EXPECT_EQ(watcher.step()->looked, 1U);
  watch(2, {}, "https://www.youtube.com/@b");
  EXPECT_EQ(watcher.step()->looked, 1U) << "a new one is looked at at once";
}

TEST_F(WatcherTest, a_watch_that_is_removed_meanwhile_makes_no_job) {
  struct Removing final : ChannelSource {
    WatchStore& watches;
    explicit Removing(WatchStore& store) : watches(store) {}
    Result<std::string> channel_id(const std::string&) override { return std::string(kId); }
    Result<ChannelFeed> feed(const std::string&) override {
      return ChannelFeed{.channel_name = {}, .entries = {{.video_id = "live0000001", .title = {}}}};
    }
    Result<Broadcast> broadcast(const std::string&) override {
      static_cast<void>(watches.remove(test_id(1)));
      return Broadcast{.state = State::live, .video_id = "live0000001", .title = {}};
    }
  };
  watch(1);
  Removing channels(watches_);
  Watcher watcher({.watches = watches_, .queue = queue_, .channels = channels, .clock = clock_}, {});
  step(watcher);
  EXPECT_TRUE(jobs().empty());
  EXPECT_TRUE(watches_.list()->empty());
}

TEST_F(WatcherTest, of_two_watchers_one_looks) {
  watch(1);
  channels_.publish("live0000001", "On the air", State::live);
  auto one = watcher(), other = watcher();
  EXPECT_EQ(one.step()->looked, 1U);
  EXPECT_EQ(other.step()->looked, 0U);
  EXPECT_EQ(channels_.feeds_read, 1);
  clock_.advance(seconds{60});
  EXPECT_EQ(other.step()->looked, 1U);
  EXPECT_EQ(one.step()->looked, 0U);
  EXPECT_EQ(jobs().size(), 1U);
}

TEST_F(WatcherTest, a_clock_that_was_set_back_stops_nothing) {
  watch(1);
  auto watcher = this->watcher();
  EXPECT_EQ(step(watcher).looked, 1U);
  clock_.set(clock_.now() - std::chrono::hours{24});
  EXPECT_EQ(step(watcher).looked, 1U);
}

TEST_F(WatcherTest, begins_no_look_beyond_its_budget) {
  struct Slow final : ChannelSource {
    ManualClock& clock;
    std::vector<std::string> asked;
    explicit Slow(ManualClock& ticking) : clock(ticking) {}
    Result<std::string> channel_id(const std::string& channel) override {
      asked.push_back(channel.substr(channel.size() - 1));
      return std::string(kId);
    }
    Result<ChannelFeed> feed(const std::string&) override {
      clock.advance(seconds{10});
      ChannelFeed feed{.channel_name = "A", .entries = {}};
      for (int i = 1; i < 4; ++i) feed.entries.push_back({.video_id = "live000000" + std::to_string(i), .title = {}});
      return feed;
    }
    Result<Broadcast> broadcast(const std::string&) override {
      clock.advance(seconds{6});
      return fail(ErrorKind::not_live, "not live");
    }
  };
  watch(1, {}, "https://www.youtube.com/@a");
  watch(2, {}, "https://www.youtube.com/@b");
  watch(3, {}, "https://www.youtube.com/@c");
  Slow channels(clock_);
  Watcher watcher({.watches = watches_, .queue = queue_, .channels = channels, .clock = clock_},
                  {.budget = milliseconds{20'000}});
  EXPECT_EQ(watcher.step()->looked, 1U);
  EXPECT_EQ(watches_.unjudged(test_id(1), {"live0000001", "live0000002", "live0000003"})->size(), 1U)
      << "two questions fit";
  EXPECT_EQ(watcher.step()->looked, 1U);
  EXPECT_EQ(watcher.step()->looked, 1U);
  EXPECT_EQ(channels.asked, (std::vector<std::string>{"a", "b", "c"})) << "the longest due first";
}

TEST_F(WatcherTest, what_has_not_changed_is_written_once) {
  struct Counting final : WatchStore {
    MemoryWatches& store;
    int replaced = 0;
    explicit Counting(MemoryWatches& real) : store(real) {}
    Result<Watch> create(Watch watch) override { return store.create(std::move(watch)); }
    Result<std::vector<Watch>> list() override { return store.list(); }
    Result<void> replace(const Watch& watch) override {
      ++replaced;
      return store.replace(watch);
    }
    Result<bool> claim(const Watch& watch, const std::optional<Instant>& expected) override {
      return store.claim(watch, expected);
    }
    Result<void> remove(std::string_view id) override { return store.remove(id); }
    Result<std::vector<std::string>> unjudged(std::string_view id, std::vector<std::string> video_ids) override {
      return store.unjudged(id, std::move(video_ids));
    }
    Result<void> dismiss(std::string_view id, std::string_view video_id) override {
      return store.dismiss(id, video_id);
    }
    Result<std::optional<Job>> admit(std::string_view id, Job job) override { return store.admit(id, std::move(job)); }
  };
  watch(1);
  channels_.publish("old00000001", "An upload", State::over);
  Counting counting(watches_);
  Watcher watcher({.watches = counting, .queue = queue_, .channels = channels_, .clock = clock_}, {});
  for (int i = 0; i < 5; ++i) step(watcher);
  EXPECT_EQ(counting.replaced, 1) << "the first look brought the channel's name";
  EXPECT_EQ(stored().last_checked_at, clock_.now() - seconds{67});
}

TEST_F(WatcherTest, a_look_that_is_broken_off_leaves_everything_for_the_next) {
  watch(1);
  channels_.publish("live0000001", "On the air", State::live);
  channels_.set(FakeChannels::address("live0000001"), fail(ErrorKind::cancelled, "the program ends"));
  {
    auto watcher = this->watcher();
    EXPECT_EQ(watcher.step().error().kind, ErrorKind::cancelled);
  }
  EXPECT_FALSE(stored().last_error);
  channels_.broadcasts.at(FakeChannels::address("live0000001")) =
      Broadcast{.state = State::live, .video_id = "live0000001", .title = {}};
  auto watcher = this->watcher();
  EXPECT_EQ(step(watcher).jobs, 1U);
}

}  // namespace
}  // namespace aircheck::dispatch
