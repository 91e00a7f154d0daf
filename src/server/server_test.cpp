#include "server/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "api/test_ports.hpp"
#include "server/event_hub.hpp"
#include "server/test_client.hpp"

namespace aircheck::server {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr auto kSubmission = R"({"url":"https://youtu.be/live0000001"})";

class Running {
 public:
  Running(api::Context context, ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    server_ = std::move(*HttpServer::open(std::move(options), std::move(context)));
    thread_ = std::jthread([this](const std::stop_token& stop) { server_->run(stop); });
  }
  std::string address() const { return server_->address(); }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  std::unique_ptr<HttpServer> server_;
  std::jthread thread_;  // ends before the server goes
};

class Server : public testing::Test {
 protected:
  static ServerOptions quick() { return {.event_interval = milliseconds{5}}; }
  void start(ServerOptions options = quick()) { running_.emplace(world_.context, std::move(options)); }
  TestClient client() { return TestClient(running_->address()); }
  TestClient::Answer ask(const std::string& method, const std::string& target, const std::string& headers = {},
                         const std::string& body = {}) {
    auto one = client();
    one.ask(method, target, headers, body);
    return one.read_answer(method != "HEAD");
  }
  TestClient::Answer submit() { return ask("POST", "/api/jobs", "Content-Type: application/json\r\n", kSubmission); }

  api::TestWorld world_;
  std::optional<Running> running_;
};

TEST_F(Server, AnswersAndKeepsTheConnection) {
  start();
  auto one = client();
  one.ask("POST", "/api/jobs", "Content-Type: application/json\r\n", kSubmission);
  const auto made = one.read_answer();
  EXPECT_EQ(made.status, 201);
  one.ask("GET", made.header("location"));
  EXPECT_THAT(one.read_answer().body, HasSubstr("PENDING"));
  one.ask("GET", "/api/jobs", "Connection: close\r\n");
  EXPECT_EQ(one.read_answer().status, 200);
  EXPECT_TRUE(one.ended());
}

TEST_F(Server, PipelinedRequestsAreAnsweredInOrder) {
  start();
  auto one = client();
  const auto request = [&](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + one.host() + "\r\n\r\n";
  };
  one.send(request("/api/health") + request("/api/nothing") + request("/api/jobs"));
  EXPECT_EQ(one.read_answer().status, 200);
  EXPECT_EQ(one.read_answer().status, 404);
  EXPECT_EQ(one.read_answer().status, 200);
}

TEST_F(Server, HeadAndEmptyAnswersHaveNoBody) {
  start();
  const auto job = world_.add(JobStatus::completed);
  world_.recordings.put(job.recordings[0].key, "0123456789");
  auto one = client();
  one.ask("HEAD", "/api/jobs/" + job.id + "/recording");
  const auto head = one.read_answer(false);
  EXPECT_EQ(head.header("Content-Length"), "10");
  one.ask("HEAD", "/api/jobs");
  EXPECT_NE(one.read_answer(false).header("Content-Length"), "0");
  one.ask("GET", "/api/jobs/" + job.id + "/recording", "If-None-Match: " + head.header("etag") + "\r\n");
  EXPECT_EQ(one.read_answer().status, 304);
  one.ask("DELETE", "/api/jobs/" + job.id);
  EXPECT_EQ(one.read_answer().status, 204);
  one.ask("GET", "/api/health");
  EXPECT_EQ(one.read_answer().status, 200);
}

TEST_F(Server, RangesOfAFileLargerThanMemory) {
  start();
  const auto job = world_.add(JobStatus::completed);
  constexpr std::uint64_t kSize = 10ULL << 40;
  world_.recordings.put_endless(job.recordings[0].key, kSize);
  const auto target = "/api/jobs/" + job.id + "/recording";
  auto one = client();
  one.ask("GET", target, "Range: bytes=5000000000-5000999999\r\n");
  const auto part = one.read_answer();
  EXPECT_EQ(part.status, 206);
  ASSERT_EQ(part.body.size(), 1'000'000U);
  for (const std::size_t i : {0U, 131'071U, 131'072U, 999'999U})
    EXPECT_EQ(part.body[i], api::TestRecordings::endless_byte(5'000'000'000U + i)) << i;
  one.ask("GET", target, "Range: bytes=-1\r\n");
  EXPECT_EQ(one.read_answer().header("content-range"), "bytes 10995116277759-10995116277759/10995116277760");
  one.ask("GET", target);
  EXPECT_EQ(one.read_bytes(4 << 20).size(), 4U << 20);  // and then we go away
}

// A store of a file that is not at the end of an answer what it was at its beginning.
struct Changing : RecordingStore {
  Result<std::unique_ptr<RecordingWriter>> open(std::string_view) override { return fail(ErrorKind::unsupported, ""); }
  Result<void> remove(std::string_view) override { return {}; }
};

// The bytes that come before the answer to a download from `store` is broken off.
std::size_t broken_off_after(api::TestWorld& world, RecordingStore& store) {
  const auto job = world.add(JobStatus::completed);
  Running other(
      {.jobs = world.jobs, .queue = world.queue, .recordings = store, .watches = world.watches, .clock = world.clock});
  TestClient one(other.address());
  one.ask("GET", "/api/jobs/" + job.id + "/recording");
  const auto size = one.read_answer().body.size();
  EXPECT_TRUE(one.ended());
  return size;
}

TEST_F(Server, AFileThatShrinksBreaksTheAnswerOff) {
  struct Shrinking final : Changing {
    Result<std::uint64_t> size(std::string_view) override { return std::uint64_t{100}; }
    Result<std::size_t> read(std::string_view, std::uint64_t offset, std::span<std::byte>) override {
      return offset < 50 ? 50U : 0U;
    }
  } shrinking;
  EXPECT_EQ(broken_off_after(world_, shrinking), 50U);
}

TEST_F(Server, AFileThatIsExchangedBreaksTheAnswerOff) {
  struct Exchanged final : Changing {
    std::atomic<bool> repaired = false;
    Result<std::uint64_t> size(std::string_view) override { return std::uint64_t{repaired ? 120U : 100U}; }
    Result<std::size_t> read(std::string_view, std::uint64_t, std::span<std::byte>) override {
      repaired = true;
      return 50U;
    }
  } exchanged;
  EXPECT_EQ(broken_off_after(world_, exchanged), 50U) << "the rest would be of another file";
}

TEST_F(Server, EventsReachEveryStream) {
  start();
  std::vector<std::unique_ptr<TestClient>> streams;
  for (int i = 0; i < 200; ++i) {
    streams.push_back(std::make_unique<TestClient>(running_->address()));
    streams.back()->ask("GET", "/api/events");
  }
  for (auto& stream : streams) EXPECT_THAT(stream->read_until("\n\n"), HasSubstr("text/event-stream")) << "no greeting";
  EXPECT_EQ(submit().status, 201);
  for (auto& stream : streams) {
    const auto event = stream->read_until("}\n\n");
    EXPECT_THAT(event, HasSubstr("event: job\nid: "));
    EXPECT_THAT(event, HasSubstr("\"status\":\"PENDING\""));
  }
}

TEST_F(Server, EventsResumeWhereTheyBroke) {
  start();
  auto first = client();
  first.ask("GET", "/api/events");
  first.read_until("id: ");
  const auto place = first.read_until("\n");
  const auto job = world_.add(JobStatus::completed);
  ASSERT_TRUE(world_.jobs.remove(job.id, job.version));
  world_.add(JobStatus::pending, "after");
  auto second = client();
  second.ask("GET", "/api/events", "Last-Event-ID: " + place.substr(0, place.size() - 1) + "\r\n");
  EXPECT_THAT(second.read_until("event: removed\n"), HasSubstr("after"));
  EXPECT_THAT(second.read_until("}\n\n"), HasSubstr(job.id));
}

TEST_F(Server, EventsFromAnotherDatabaseBeginNow) {
  start();
  auto one = client();
  one.ask("GET", "/api/events", "Last-Event-ID: 999999999\r\n");
  one.read_until("retry: 2000\nid: ");
  EXPECT_LT(std::stoi(one.read_until("\n")), 1000);
}

TEST_F(Server, EventStreamsAreKeptAliveAndCounted) {
  auto options = quick();
  options.keep_alive = milliseconds{5};
  options.max_connections = 4;
  start(std::move(options));
  auto a = client(), b = client();
  for (auto* stream : {&a, &b}) {
    stream->ask("GET", "/api/events");
    EXPECT_THAT(stream->read_until(": still here\n\n"), HasSubstr("still here"));
  }
  EXPECT_EQ(ask("GET", "/api/events").status, 503);
  EXPECT_THAT(ask("GET", "/api/metrics").body, HasSubstr("aircheck_http_event_streams 2\n"));
}

TEST_F(Server, WaitsWithFurtherConnections) {
  auto options = quick();
  options.max_connections = 2;
  start(std::move(options));
  auto first = std::make_unique<TestClient>(running_->address()),
       second = std::make_unique<TestClient>(running_->address());
  for (auto* one : {first.get(), second.get()}) {
    one->ask("GET", "/api/health");
    EXPECT_EQ(one->read_answer().status, 200);
  }
  auto third = client();  // in the kernel's backlog
  third.ask("GET", "/api/health");
  first.reset();
  EXPECT_EQ(third.read_answer().status, 200);
}

TEST_F(Server, LimitsWhatItReads) {
  start();
  EXPECT_EQ(ask("POST", "/api/jobs", "Content-Type: application/json\r\n", std::string(1 << 20, 'x')).status, 413);
  EXPECT_EQ(ask("GET", "/api/jobs", "X-Long: " + std::string(100'000, 'x') + "\r\n").status, 431);
  EXPECT_EQ(submit().status, 201);
}

TEST_F(Server, RefusesWhatIsNotHttp) {
  start();
  auto one = client();
  one.send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(one.read_answer().status, 400);
  EXPECT_TRUE(one.ended());
  auto two = client();
  two.send("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n");
  EXPECT_EQ(two.read_answer().status, 400);
}

TEST_F(Server, SlowRequestsAreCutOff) {
  auto options = quick();
  options.read_timeout = milliseconds{50};
  start(std::move(options));
  auto one = client();
  one.send("GET /api/jobs HTTP/1.1\r\nHost: ");
  EXPECT_TRUE(one.ended());
}

TEST_F(Server, ForeignPagesAreRefused) {
  start();
  EXPECT_EQ(ask("GET", "/api/jobs", "Origin: https://evil.example\r\n").status, 403);
  auto one = client();
  one.send("GET /api/jobs HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(one.read_answer().status, 421);
  one.send("GET /api/jobs HTTP/1.1\r\n\r\n");
  EXPECT_EQ(one.read_answer().status, 400);
}

TEST_F(Server, TokenAndOtherOrigins) {
  world_.context.token = "secret";
  auto options = quick();
  options.cors_origins = {"https://mine.example"};
  start(std::move(options));
  EXPECT_EQ(ask("GET", "/api/jobs").status, 401);
  const auto reply = ask("GET", "/api/jobs", "Authorization: Bearer secret\r\nOrigin: https://mine.example\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("access-control-allow-origin"), "https://mine.example");
  EXPECT_EQ(
      ask("OPTIONS", "/api/jobs", "Origin: https://mine.example\r\nAccess-Control-Request-Method: POST\r\n").status,
      204);
  EXPECT_EQ(
      ask("OPTIONS", "/api/jobs", "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n").status,
      405);
}

TEST_F(Server, ServesItsOwnPage) {
  start();
  EXPECT_THAT(ask("GET", "/").body, HasSubstr("<title>aircheck</title>"));
  EXPECT_EQ(ask("GET", "/builtin.js").header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
  EXPECT_EQ(ask("GET", "/apix").status, 404);
}

TEST_F(Server, StopsWithinASecondWhateverIsOpen) {
  start();
  const auto job = world_.add(JobStatus::completed);
  world_.recordings.put_endless(job.recordings[0].key, 1ULL << 40);
  auto idle = client(), events = client(), download = client();
  events.ask("GET", "/api/events");
  events.read_until("\n\n");
  download.ask("GET", "/api/jobs/" + job.id + "/recording");
  download.read_bytes(1000);
  const auto before = steady_clock::now();
  running_->stop();
  EXPECT_LT(steady_clock::now() - before, seconds{1});
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(events.ended());
}

TEST_F(Server, StartsAndStopsAgainAndAgain) {
  for (int i = 0; i < 200; ++i) {
    Running one(world_.context, quick());
    TestClient client(one.address());
    if (i % 2 == 0) client.ask("GET", "/api/events");
    one.stop();
  }
}

TEST_F(Server, ListensOnlyWhereItMay) {
  const auto open = [&](std::string listen) { return HttpServer::open({.listen = std::move(listen)}, world_.context); };
  for (const auto* listen : {"0.0.0.0:0", "[::]:0", "nonsense", "127.0.0.1", "127.0.0.1:99999", "", "no such host:1"}) {
    const auto server = open(listen);
    ASSERT_FALSE(server) << listen;
    EXPECT_EQ(server.error().kind, ErrorKind::invalid_input) << listen;
  }
  const auto first = open("localhost:0");
  ASSERT_TRUE(first);
  const auto taken = open((*first)->address().substr(7));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::io);
  world_.context.token = "secret";
  EXPECT_TRUE(open("0.0.0.0:0"));
}

TEST(Events, OnlyTheLastOfABatchHasTheId) {
  Job job;
  job.id = "a";
  const auto text = format_events({.cursor = 9, .changed = {job, job}, .removed = {"b"}});
  EXPECT_EQ(text.find("id: 9"), text.rfind("id: 9"));
  EXPECT_TRUE(text.ends_with("event: removed\nid: 9\ndata: {\"id\":\"b\"}\n\n"));
  EXPECT_EQ(format_events({.cursor = 9}), "");
}

}  // namespace
}  // namespace aircheck::server
