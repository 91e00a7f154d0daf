#include "api/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_ports.hpp"
#include "base/json.hpp"
#include "core/names.hpp"

namespace aircheck::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr auto kWatch = "https://www.youtube.com/watch?v=live0000001";

class Api : public testing::Test {
 protected:
  Response ask(std::string method, std::string target, std::string body = {}, Headers headers = {}) {
    const auto mark = target.find('?');
    if (!body.empty()) headers.try_emplace("content-type", "application/json");
    return handle({.method = std::move(method),
                   .path = "/api" + target.substr(0, mark),
                   .query = mark == std::string::npos ? std::string{} : target.substr(mark + 1),
                   .headers = std::move(headers),
                   .body = std::move(body)},
                  world_.context);
  }
  static json body(const Response& reply) { return json::parse(std::get<std::string>(reply.body)); }
  Response submit(const json& value, Headers headers = {}) {
    return ask("POST", "/jobs", value.dump(), std::move(headers));
  }
  std::string path(const Job& job, const std::string& rest = {}) { return "/jobs/" + job.id + rest; }

  static Request submission() {
    return {.method = "POST",
            .path = "/api/jobs",
            .headers = {{"content-type", "application/json"}},
            .body = json{{"url", kWatch}}.dump()};
  }
  Context with(JobStore& jobs, JobQueue& queue) {
    return {.jobs = jobs,
            .queue = queue,
            .recordings = world_.recordings,
            .watches = world_.watches,
            .clock = world_.clock};
  }

  TestWorld world_;
};

void expect_problem(const Response& reply, int status) {
  EXPECT_EQ(reply.status, status);
  ASSERT_EQ(reply.headers.at("content-type"), "application/problem+json");
  const auto value = json::parse(std::get<std::string>(reply.body));
  EXPECT_EQ(value["status"], status);
  EXPECT_FALSE(value["title"].get<std::string>().empty());
  EXPECT_FALSE(value["detail"].get<std::string>().empty());
}

TEST_F(Api, SubmitStoresAndQueues) {
  const auto reply = submit({{"url", "youtu.be/live0000001"}, {"quality", "720p"}, {"title", "Mine"}});
  ASSERT_EQ(reply.status, 201);
  const auto job = body(reply);
  EXPECT_EQ(job["url"], kWatch);
  EXPECT_EQ(job["status"], "PENDING");
  EXPECT_EQ(job["quality"], "720");
  EXPECT_EQ(job["title"], "Mine");
  EXPECT_EQ(reply.headers.at("location"), "/api/jobs/" + job["id"].get<std::string>());
  const auto queued = *world_.queue.receive(10, seconds{60});
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].job_id, job["id"].get<std::string>());
  EXPECT_EQ(world_.submitted, 1);
  EXPECT_EQ(body(ask("GET", "/jobs/" + job["id"].get<std::string>())), job);
}

TEST_F(Api, SubmitSurvivesABrokenQueue) {
  BrokenQueue broken;
  EXPECT_EQ(handle(submission(), with(world_.jobs, broken)).status, 201);
  EXPECT_EQ(world_.jobs.list({})->jobs.size(), 1U);
}

TEST_F(Api, SubmitKeepsFromWhenToRecord) {
  const std::vector<std::pair<json, std::int64_t>> known{
      {"1h", 3'600'000}, {"90", 90'000}, {"720h", 2'592'000'000}, {nullptr, 0}};
  for (const auto& [from, ms] : known) {
    const auto reply = submit({{"url", kWatch}, {"from", from}});
    ASSERT_EQ(reply.status, 201);
    EXPECT_EQ(body(reply)["from_ms"], ms) << from;
  }
}

TEST_F(Api, SubmitRefusesAndStoresNothing) {
  expect_problem(ask("POST", "/jobs", "nonsense"), 400);
  expect_problem(ask("POST", "/jobs", "[]"), 400);
  expect_problem(ask("POST", "/jobs", "\xff\xfe"), 400);
  expect_problem(ask("POST", "/jobs", std::string(10'000, '{')), 400);
  expect_problem(submit(json::object()), 422);
  expect_problem(submit({{"url", 7}}), 422);
  expect_problem(submit({{"url", nullptr}}), 422);
  expect_problem(submit({{"url", kWatch}, {"quality", "great"}}), 422);
  expect_problem(submit({{"url", kWatch}, {"from_start", "yes"}}), 422);
  for (const auto* from : {"", "1 hour", "-1h", "1d", "721h"})
    expect_problem(submit({{"url", kWatch}, {"from", from}}), 422);
  expect_problem(submit({{"url", kWatch}, {"from", 3600}}), 422);
  expect_problem(submit({{"url", kWatch}, {"title", "two\nlines"}}), 422);
  expect_problem(submit({{"url", kWatch}, {"command", "x"}}), 422);
  expect_problem(ask("POST", "/jobs", "url=x", {{"content-type", "application/x-www-form-urlencoded"}}), 415);
  expect_problem(ask("POST", "/jobs", "{}", {{"content-type", "text/plain"}}), 415);
  expect_problem(ask("POST", "/jobs", std::string(kMaxBody + 1, ' ')), 413);
  for (const auto* url : {"", "--exec=touch /tmp/x", "file:///etc/passwd", "https://example.com/", "http://127.0.0.1/x",
                          "javascript:alert(1)", "https://user:secret@www.youtube.com/watch?v=live0000001",
                          "https://www.youtube.com/watch?v=live0000001\n--exec"})
    expect_problem(submit({{"url", url}}), 400);
  EXPECT_TRUE(world_.jobs.list({})->jobs.empty());
  EXPECT_EQ(world_.queue.depth()->waiting, 0U);
}

TEST_F(Api, IdempotencyKeyNamesTheSameJob) {
  const Headers key{{"idempotency-key", "mine"}};
  const auto first = body(submit({{"url", kWatch}}, key)), second = body(submit({{"url", kWatch}}, key));
  EXPECT_EQ(first["id"], second["id"]);
  world_.clock.advance(seconds{599});  // perhaps in the next window
  EXPECT_EQ(body(submit({{"url", kWatch}}, key))["id"], first["id"]);
  EXPECT_EQ(world_.jobs.list({})->jobs.size(), 1U);
  EXPECT_EQ(world_.queue.depth()->waiting, 1U);
  expect_problem(submit({{"url", "https://youtu.be/live0000002"}}, key), 422);
  EXPECT_NE(body(submit({{"url", kWatch}}, {{"idempotency-key", "other"}}))["id"], first["id"]);
  EXPECT_NE(body(submit({{"url", kWatch}}))["id"], body(submit({{"url", kWatch}}))["id"]);
  world_.clock.advance(seconds{3600});
  EXPECT_NE(body(submit({{"url", kWatch}}, key))["id"], first["id"]);
}

TEST_F(Api, ListsPageByPage) {
  for (int i = 0; i < 5; ++i) world_.add(JobStatus::pending, "stream " + std::to_string(i));
  auto page = body(ask("GET", "/jobs?limit=2"));
  EXPECT_EQ(page["jobs"][0]["title"], "stream 4");
  std::size_t seen = page["jobs"].size();
  while (!page["next"].is_null()) {
    page = body(ask("GET", "/jobs?limit=2&cursor=" + page["next"].get<std::string>()));
    seen += page["jobs"].size();
  }
  EXPECT_EQ(seen, 5U);
}

TEST_F(Api, ListFilters) {
  world_.add(JobStatus::pending, "news");
  world_.add(JobStatus::recording, "music");
  world_.add(JobStatus::failed, "more news");
  EXPECT_EQ(body(ask("GET", "/jobs?status=PENDING,FAILED"))["jobs"].size(), 2U);
  EXPECT_EQ(body(ask("GET", "/jobs?status=PENDING&status=RECORDING"))["jobs"].size(), 2U);
  EXPECT_EQ(body(ask("GET", "/jobs?q=news"))["jobs"].size(), 2U);
  for (const auto* query : {"status=NONSENSE", "limit=0", "limit=201", "limit=x", "limit=-1"})
    expect_problem(ask("GET", std::string("/jobs?") + query), 400);
  expect_problem(ask("GET", "/jobs?q=" + std::string(201, 'x')), 400);
}

TEST_F(Api, ConditionalGets) {
  const auto job = world_.add(JobStatus::pending);
  for (const auto& target : {std::string("/jobs"), path(job)}) {
    const auto reply = ask("GET", target);
    const auto again = ask("GET", target, {}, {{"if-none-match", reply.headers.at("etag")}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(std::get<std::string>(again.body).empty());
    ASSERT_TRUE(world_.jobs.replace(*world_.jobs.get(job.id)));
    EXPECT_EQ(ask("GET", target, {}, {{"if-none-match", reply.headers.at("etag")}}).status, 200);
  }
}

TEST_F(Api, WhatIsNotThere) {
  expect_problem(ask("GET", "/nothing"), 404);
  expect_problem(ask("GET", ""), 404);
  expect_problem(ask("GET", "/jobs/../../etc/passwd"), 404);
  expect_problem(ask("GET", "/jobs/not-an-id"), 404);
  for (const auto* rest : {"", "/recording"})
    expect_problem(ask("GET", std::string("/jobs/0190f3e2-0000-7000-8000-000000000099") + rest), 404);
  for (const auto* wish : {"stop", "cancel", "retry"})
    expect_problem(ask("POST", std::string("/jobs/0190f3e2-0000-7000-8000-000000000099/") + wish), 404);
  expect_problem(ask("DELETE", "/jobs/0190f3e2-0000-7000-8000-000000000099"), 404);
  EXPECT_EQ(handle({.path = "/elsewhere/jobs"}, world_.context).status, 404);
}

TEST_F(Api, WrongMethodsNameTheRightOnes) {
  const auto reply = ask("PUT", "/jobs");
  expect_problem(reply, 405);
  EXPECT_EQ(reply.headers.at("allow"), "GET, HEAD, POST");
  expect_problem(ask("GET", "/jobs/0190f3e2-0000-7000-8000-000000000099/stop"), 405);
}

TEST_F(Api, StopIsNotedForTheRecorder) {
  const auto job = world_.add(JobStatus::recording);
  const auto reply = ask("POST", path(job, "/stop"));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(body(reply)["status"], "RECORDING");
  EXPECT_EQ(world_.jobs.get(job.id)->stop_requested, StopRequest::stop);
  ASSERT_EQ(world_.changed.size(), 1U);
  EXPECT_EQ(world_.changed[0].id, job.id);
}

TEST_F(Api, CancelOfARunningJobLeavesItsFileToTheRecorder) {
  const auto job = world_.add(JobStatus::recording);
  world_.recordings.put(job.recordings[0].key, "0123456789");
  EXPECT_EQ(ask("POST", path(job, "/cancel")).status, 200);
  EXPECT_EQ(world_.jobs.get(job.id)->stop_requested, StopRequest::cancel);
  EXPECT_TRUE(world_.recordings.has(job.recordings[0].key));
}

TEST_F(Api, CancelWithoutARecorderDiscardsAtOnce) {
  const auto job = world_.add(JobStatus::waiting);
  const auto key = recording_key(*job.created_at, job.video_id, job.id);
  world_.recordings.put(key, "0123456789");
  EXPECT_EQ(body(ask("POST", path(job, "/cancel")))["status"], "CANCELLED");
  EXPECT_FALSE(world_.recordings.has(key));
}

TEST_F(Api, EndedJobsTakeNoWishes) {
  const auto job = world_.add(JobStatus::completed);
  for (const auto* wish : {"/stop", "/cancel", "/retry"}) {
    const auto reply = ask("POST", path(job, wish));
    expect_problem(reply, 409);
    EXPECT_FALSE(body(reply)["hint"].get<std::string>().empty());
  }
  EXPECT_TRUE(world_.changed.empty());
}

TEST_F(Api, RetryQueuesUnderANewToken) {
  const auto job = world_.add(JobStatus::failed);
  EXPECT_EQ(body(ask("POST", path(job, "/retry")))["status"], "PENDING");
  auto failed = *world_.jobs.get(job.id);
  failed.status = JobStatus::failed;
  ASSERT_TRUE(world_.jobs.replace(failed));
  EXPECT_EQ(ask("POST", path(job, "/retry")).status, 200);
  EXPECT_EQ(world_.queue.depth()->waiting, 2U);
  EXPECT_EQ(world_.submitted, 2);
}

TEST_F(Api, DeleteRemovesJobAndFiles) {
  const auto job = world_.add(JobStatus::completed);
  world_.recordings.put(job.recordings[0].key, "0123456789");
  EXPECT_EQ(ask("DELETE", path(job)).status, 204);
  EXPECT_FALSE(world_.recordings.has(job.recordings[0].key));
  expect_problem(ask("GET", path(job)), 404);
}

TEST_F(Api, DeleteOfALiveJobIsRefused) {
  const auto job = world_.add(JobStatus::recording);
  world_.recordings.put(job.recordings[0].key, "0123456789");
  expect_problem(ask("DELETE", path(job)), 409);
  EXPECT_TRUE(world_.recordings.has(job.recordings[0].key));
}

TEST_F(Api, RecordingRanges) {
  const auto job = world_.add(JobStatus::completed, "Größe \"1\"/2");
  world_.recordings.put(job.recordings[0].key, "0123456789");
  const auto whole = ask("GET", path(job, "/recording"));
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(std::get<RecordingRange>(whole.body).length, 10U);
  EXPECT_EQ(whole.headers.at("content-type"), "video/x-matroska");
  EXPECT_THAT(whole.headers.at("content-disposition"), HasSubstr("inline; filename=\"Gr____e _1__2.mkv\""));
  EXPECT_THAT(whole.headers.at("content-disposition"), HasSubstr("filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_1__2.mkv"));
  EXPECT_THAT(ask("GET", path(job, "/recording?download=1")).headers.at("content-disposition"),
              HasSubstr("attachment;"));

  const auto part = ask("GET", path(job, "/recording"), {}, {{"range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.headers.at("content-range"), "bytes 2-4/10");
  EXPECT_EQ(std::get<RecordingRange>(part.body).offset, 2U);
  EXPECT_EQ(std::get<RecordingRange>(part.body).length, 3U);

  const auto behind = ask("GET", path(job, "/recording"), {}, {{"range", "bytes=10-"}});
  expect_problem(behind, 416);
  EXPECT_EQ(behind.headers.at("content-range"), "bytes */10");
  EXPECT_EQ(ask("GET", path(job, "/recording"), {}, {{"range", "bytes=2-4"}, {"if-range", "\"old\""}}).status, 200);
  EXPECT_EQ(
      ask("GET", path(job, "/recording"), {}, {{"range", "bytes=2-4"}, {"if-range", whole.headers.at("etag")}}).status,
      206);
  EXPECT_EQ(ask("GET", path(job, "/recording"), {}, {{"if-none-match", whole.headers.at("etag")}}).status, 304);
}

TEST_F(Api, RecordingElsewhereIsLinkedTo) {
  const auto job = world_.add(JobStatus::completed, "talk");
  world_.recordings.put(job.recordings[0].key, "0123456789");
  std::string asked;
  world_.context.recording_link = [&](const std::string& key, const std::string& shown) -> Result<std::string> {
    asked = shown;
    return "https://bucket/" + key;
  };
  const auto reply = ask("GET", path(job, "/recording?download=1"), {}, {{"range", "bytes=2-4"}});
  EXPECT_EQ(reply.status, 302);
  EXPECT_EQ(reply.headers.at("location"), "https://bucket/" + job.recordings[0].key);
  EXPECT_THAT(asked, HasSubstr("attachment; filename=\"talk.mkv\""));
  const auto head = ask("HEAD", path(job, "/recording"));
  EXPECT_EQ(head.status, 200) << "the link is for GET alone";
  EXPECT_EQ(std::get<RecordingRange>(head.body).length, 10U);
  const auto growing = ask("GET", path(world_.add(JobStatus::recording), "/recording"));
  expect_problem(growing, 404);
  EXPECT_THAT(std::get<std::string>(growing.body), HasSubstr("when it is finished"));

  world_.context.recording_link = [](const std::string&, const std::string&) -> Result<std::string> {
    return fail(ErrorKind::unauthorized, "no credentials");
  };
  EXPECT_GE(ask("GET", path(job, "/recording")).status, 400);
}

TEST_F(Api, RecordingTagChangesAsItGrowsAndWhenItIsFinal) {
  const auto job = world_.add(JobStatus::recording);
  std::set<std::string> tags;
  const auto look = [&] { tags.insert(ask("GET", path(job, "/recording")).headers.at("etag")); };
  world_.recordings.put(job.recordings[0].key, "0123456789");
  look();
  world_.recordings.put(job.recordings[0].key, "0123456789a");
  look();
  for (const auto status : {JobStatus::uploading, JobStatus::completed}) {
    auto next = *world_.jobs.get(job.id);
    next.status = status;
    ASSERT_TRUE(world_.jobs.replace(next));
  }
  look();
  EXPECT_EQ(tags.size(), 3U);
}

TEST_F(Api, RecordingFiles) {
  auto job = world_.add(JobStatus::completed);
  world_.recordings.put(job.recordings[0].key, "first");
  const auto second = recording_part_key(job.recordings[0].key, 1);
  job.recordings.push_back({second, 6, 1000});
  world_.recordings.put(second, "second");
  ASSERT_TRUE(world_.jobs.replace(job));
  EXPECT_EQ(std::get<RecordingRange>(ask("GET", path(job, "/recording?file=2")).body).key, second);
  expect_problem(ask("GET", path(job, "/recording?file=3")), 404);
  for (const auto* file : {"0", "-1", "x", "99999999999999999999"})
    expect_problem(ask("GET", path(job, std::string("/recording?file=") + file)), 400);
  expect_problem(ask("GET", path(world_.add(JobStatus::pending), "/recording")), 404);
}

TEST_F(Api, AGrowingFileStandsStillUntilAPlace) {
  const auto job = world_.add(JobStatus::recording);
  world_.recordings.put(job.recordings[0].key, "0123456789");
  const auto look = [&] { return ask("GET", path(job, "/recording?until=8"), {}, {{"range", "bytes=2-"}}); };
  const auto before = look();
  world_.recordings.put(job.recordings[0].key, "0123456789abc");
  const auto after = look();
  EXPECT_EQ(after.status, 206);
  EXPECT_EQ(after.headers.at("content-range"), "bytes 2-7/8");
  EXPECT_EQ(std::get<RecordingRange>(after.body).length, 6);
  EXPECT_EQ(after.headers.at("etag"), before.headers.at("etag"));
  EXPECT_EQ(ask("GET", path(job, "/recording?until=100"), {}, {{"range", "bytes=2-"}}).headers.at("content-range"),
            "bytes 2-12/13");
  expect_problem(ask("GET", path(job, "/recording?until=8"), {}, {{"range", "bytes=8-"}}), 416);
  for (const auto* until : {"0", "-1", "x", ""})
    expect_problem(ask("GET", path(job, std::string("/recording?until=") + until)), 400);
}

TEST_F(Api, TokenIsWanted) {
  world_.context.token = "secret";
  const auto reply = ask("GET", "/jobs");
  expect_problem(reply, 401);
  EXPECT_THAT(reply.headers.at("www-authenticate"), HasSubstr("Bearer"));
  for (const auto* value : {"Bearer wrong", "Bearer secret2", "Bearer secre", "secret", "Basic secret", "Bearer "})
    EXPECT_EQ(ask("GET", "/jobs", {}, {{"authorization", value}}).status, 401) << value;
  EXPECT_EQ(ask("GET", "/jobs", {}, {{"authorization", "Bearer secret"}}).status, 200);
  EXPECT_EQ(ask("GET", "/jobs", {}, {{"authorization", "bearer  secret"}}).status, 200);
  EXPECT_EQ(ask("GET", "/health").status, 200);
  EXPECT_EQ(ask("GET", "/metrics").status, 401);
}

TEST_F(Api, CookieIsForReadingOnly) {
  world_.context.token = "se cret";
  const Headers cookie{{"cookie", "theme=dark; aircheck_token=se%20cret"}};
  EXPECT_EQ(ask("GET", "/jobs", {}, cookie).status, 200);
  EXPECT_EQ(ask("GET", "/events", {}, cookie).status, 200);
  EXPECT_EQ(submit({{"url", kWatch}}, cookie).status, 401);
}

TEST_F(Api, EventsResume) {
  EXPECT_EQ(std::get<EventStream>(ask("GET", "/events").body).cursor, 0U);
  EXPECT_EQ(std::get<EventStream>(ask("GET", "/events", {}, {{"last-event-id", "42"}}).body).cursor, 42U);
  EXPECT_EQ(std::get<EventStream>(ask("GET", "/events?last_event_id=7").body).cursor, 7U);
  EXPECT_EQ(std::get<EventStream>(ask("GET", "/events", {}, {{"last-event-id", "junk"}}).body).cursor, 0U);
  world_.context.changes = nullptr;
  expect_problem(ask("GET", "/events"), 501);
}

TEST_F(Api, HealthAndMetrics) {
  world_.add(JobStatus::recording);
  EXPECT_EQ(body(ask("GET", "/health"))["status"], "ok");
  world_.context.more_metrics = [] { return std::string("more 1\n"); };
  const auto text = std::get<std::string>(ask("GET", "/metrics").body);
  EXPECT_THAT(text, HasSubstr("aircheck_jobs{status=\"RECORDING\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("aircheck_jobs{status=\"FAILED\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("aircheck_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_TRUE(text.ends_with("more 1\n"));
}

TEST_F(Api, BrokenStore) {
  BrokenJobs jobs;
  BrokenQueue queue;
  for (const auto* path : {"/health", "/metrics", "/jobs", "/jobs/0190f3e2-0000-7000-8000-000000000001"})
    expect_problem(handle({.path = std::string("/api") + path}, with(jobs, world_.queue)), 503);
  expect_problem(handle({.path = "/api/health"}, with(world_.jobs, queue)), 503);
  expect_problem(handle(submission(), with(jobs, world_.queue)), 503);
}

TEST_F(Api, OtherPrefix) {
  world_.context.prefix = "/prod";
  EXPECT_EQ(handle({.path = "/prod/jobs"}, world_.context).status, 200);
  EXPECT_EQ(handle({.path = "/api/jobs"}, world_.context).status, 404);
}

}  // namespace
}  // namespace aircheck::api
