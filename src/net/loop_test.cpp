#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "net/test_server.hpp"
#include "net/tls_test_server.hpp"

namespace aircheck::net {
namespace {

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

TEST(Http, brings_status_headers_and_body) {
  TestServer server([](auto&, int) { return "HTTP/1.1 200 OK\r\nX-Head-Seqnum: 7\r\nContent-Length: 2\r\n\r\nhi"; });
  const auto answer = fetch_now(get(server.url("/a")));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("x-head-seqnum"), "7");
  EXPECT_EQ(as_text(answer->body), "hi");
}

TEST(Http, a_status_is_no_transport_error_until_asked) {
  TestServer server([](auto&, int) { return TestServer::status(403); });
  auto answer = fetch_now(get(server.url("/")));
  ASSERT_TRUE(answer);
  EXPECT_EQ(expect_success(*answer).error().kind, ErrorKind::forbidden);
}

TEST(Http, a_cut_body_is_corrupt) {
  TestServer server(
      [](auto&, int) { return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort"; });
  EXPECT_EQ(fetch_now(get(server.url("/"))).error().kind, ErrorKind::corrupt);
}

TEST(Http, an_answer_over_the_limit_is_corrupt) {
  TestServer server([](auto&, int) { return TestServer::ok(std::string(5000, 'x')); });
  auto request = get(server.url("/"));
  request.max_bytes = 1000;
  EXPECT_EQ(fetch_now(request).error().kind, ErrorKind::corrupt);
}

TEST(Http, a_lying_content_length_takes_no_memory) {
  TestServer server(
      [](auto&, int) { return "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\nConnection: close\r\n\r\nx"; });
  EXPECT_EQ(fetch_now(get(server.url("/"))).error().kind, ErrorKind::corrupt);
}

// Takes everything when the first bytes are "take".
struct Taker : BodySink {
  std::string taken;
  std::size_t announced = 0;
  bool take(ByteView bytes, std::size_t length) override {
    if (taken.empty() && !as_text(bytes).starts_with("take")) return false;
    taken += as_text(bytes);
    announced = length;
    return true;
  }
};

TEST(Http, a_sink_takes_the_body) {
  const std::string text = "take" + std::string(300'000, 'x');
  TestServer server([&](auto&, int) { return TestServer::ok(text); });
  auto request = get(server.url("/"));
  const auto sink = std::make_shared<Taker>();
  request.sink = sink;
  const auto answer = fetch_now(request);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body.empty());
  EXPECT_EQ(answer->body_bytes, text.size());
  EXPECT_EQ(sink->taken, text);
  EXPECT_EQ(sink->announced, text.size());
}

TEST(Http, a_sink_may_leave_the_body) {
  TestServer server([](auto&, int) { return TestServer::ok("leave it"); });
  auto request = get(server.url("/"));
  request.sink = std::make_shared<Taker>();
  const auto answer = fetch_now(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(as_text(answer->body), "leave it");
  EXPECT_EQ(answer->body_bytes, 8u);
}

TEST(Http, the_limit_holds_for_what_a_sink_takes) {
  TestServer server([](auto&, int) { return TestServer::ok("take" + std::string(5'000, 'x')); });
  auto request = get(server.url("/"));
  request.sink = std::make_shared<Taker>();
  request.max_bytes = 1'000;
  EXPECT_EQ(fetch_now(request).error().kind, ErrorKind::corrupt);
}

TEST(Http, other_schemes_are_refused_also_behind_a_redirect) {
  EXPECT_EQ(fetch_now(get("file:///etc/passwd")).error().kind, ErrorKind::invalid_input);
  TestServer server(
      [](auto&, int) { return "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"; });
  EXPECT_FALSE(fetch_now(get(server.url("/"))));
}

TEST(Http, nobody_listening_is_unavailable) {
  std::string url;
  {
    TestServer server([](auto&, int) { return TestServer::ok(""); });
    url = server.url("/");
  }
  EXPECT_EQ(fetch_now(get(url)).error().kind, ErrorKind::unavailable);
}

TEST(Http, a_range_is_asked_for) {
  TestServer server([](auto&, int) { return TestServer::ok("x"); });
  auto request = get(server.url("/r"));
  request.range = Range{10, 5};
  EXPECT_TRUE(fetch_now(request));
}

// All at once, and then nothing more: what curl or OpenSSL hold back would never come.
TEST(Tls, of_many_records_at_once_all_are_read) {
  std::vector<std::string> records{"HTTP/1.1 200 OK\r\n", "X-Answer: yes\r\n"};
  for (int i = 0; i < 50; ++i) records.push_back(fmt::format("X-Header-{}: x\r\n", i));
  records.emplace_back("Content-Length: 30000\r\n\r\n");
  records.insert(records.end(), 300, std::string(100, 'x'));
  const TlsTestServer server(std::move(records));
  const auto answer = fetch_now(get(server.url()), {.ca_file = server.ca_file()});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->header("x-answer"), "yes");
  EXPECT_EQ(as_text(answer->body), std::string(30'000, 'x'));
}

TEST(Tls, of_chunks_in_many_records_all_are_read) {
  std::vector<std::string> records{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (int i = 0; i < 200; ++i) records.insert(records.end(), {"5", "\r\n", "12345", "\r\n"});
  records.insert(records.end(), {"0\r\n", "\r\n"});
  const TlsTestServer server(std::move(records));
  const auto answer = fetch_now(get(server.url()), {.ca_file = server.ca_file()});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body.size(), 1'000u);
}

TEST(Tls, of_more_than_is_read_at_once_all_is_read) {
  std::vector<std::string> records{"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"};
  for (int i = 0; i < 300; ++i) records.emplace_back(10'000, static_cast<char>('a' + i % 26));
  std::string expected;
  for (std::size_t i = 1; i < records.size(); ++i) expected += records[i];
  const TlsTestServer server(std::move(records));
  const auto answer = fetch_now(get(server.url()), {.ca_file = server.ca_file()});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(as_text(answer->body), expected);
}

TEST(Tls, whoever_falls_silent_is_left) {
  const TlsTestServer server({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "first", "second"});
  auto request = get(server.url());
  request.stall_timeout = milliseconds{1'000};
  EXPECT_EQ(fetch_now(request, {.ca_file = server.ca_file()}).error().kind, ErrorKind::timeout);
}

TEST(Tls, of_several_connections_all_are_read) {
  std::vector<std::string> records{"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n"};
  records.insert(records.end(), 200, std::string(100, 'x'));
  const TlsTestServer server(std::move(records));
  Loop loop({.ca_file = server.ca_file()});
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 3; ++i) {
    loop.fetch(get(server.url()), [&](auto answer) {
      sizes.push_back(answer ? answer->body.size() : 0);
      if (sizes.size() == 3) loop.stop();
    });
  }
  loop.run();
  EXPECT_EQ(sizes, std::vector<std::size_t>(3, 20'000));
}

TEST(Loop, a_cancelled_fetch_is_never_answered) {
  TestServer server([](auto&, int) { return TestServer::ok("x"); });
  Loop loop({});
  bool called = false;
  loop.cancel(loop.fetch(get(server.url("/a")), [&](auto) { called = true; }));
  loop.fetch(get(server.url("/b")), [&](auto) { loop.stop(); });
  loop.run();
  EXPECT_FALSE(called);
  EXPECT_EQ(loop.in_flight(), 0u);
}

TEST(Loop, a_callback_may_start_and_cancel) {
  TestServer server([](auto&, int) { return TestServer::ok("x"); });
  Loop loop({});
  int answered = 0;
  loop.fetch(get(server.url("/a")), [&](auto) {
    const auto doomed = loop.fetch(get(server.url("/b")), [&](auto) { ++answered; });
    loop.fetch(get(server.url("/c")), [&](auto) {
      ++answered;
      loop.stop();
    });
    loop.cancel(doomed);
  });
  loop.run();
  EXPECT_EQ(answered, 1);
}

TEST(Loop, timers_fire_in_order_and_can_be_cancelled) {
  Loop loop({});
  std::string order;
  loop.after(milliseconds{20}, [&] {
    order += 'b';
    loop.stop();
  });
  loop.after(milliseconds{1}, [&] { order += 'a'; });
  loop.cancel(loop.after(milliseconds{2}, [&] { order += 'x'; }));
  loop.run();
  EXPECT_EQ(order, "ab");
}

TEST(Loop, a_timer_may_cancel_one_that_is_due_in_the_same_round) {
  Loop loop({});
  bool fired = false;
  TimerId second{};
  loop.after(milliseconds{0}, [&] { loop.cancel(second); });
  second = loop.after(milliseconds{0}, [&] { fired = true; });
  std::this_thread::sleep_until(Loop::now() + milliseconds{1});
  loop.run_once(milliseconds{0});
  EXPECT_FALSE(fired);
}

TEST(Loop, a_readable_descriptor_is_reported_until_unwatched) {
  Loop loop({});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  int calls = 0;
  loop.watch(ends[0], [&] {
    if (++calls == 2) {
      loop.unwatch(ends[0]);
      loop.stop();
    }
  });
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop.run();
  EXPECT_EQ(calls, 2);
  ::close(ends[0]);
  ::close(ends[1]);
}

// Shutdown racing with the waiting thread once lost a wake-up in many a client: here ten thousand times.
TEST(Loop, a_wake_up_is_never_lost) {
  Loop loop({});
  for (int i = 0; i < 10'000; ++i) {
    std::jthread other([&] { loop.wake(); });
    loop.run_once(milliseconds{60'000});
  }
}

// Answers of `url` through the proxy, one after the other.
void fetch_through(Loop& loop, const std::string& proxy, const std::string& url, int times) {
  loop.set_proxy(proxy);
  for (int i = 0; i < times; ++i) {
    loop.fetch(get(url), [&](auto) { loop.stop(); });
    loop.run();
  }
}

TEST(Loop, counts_what_no_server_answers) {
  TestServer proxy([](auto& target, int) { return TestServer::status(target.ends_with("/closed") ? 407 : 404); });
  Loop loop({});
  fetch_through(loop, "http://127.0.0.1:1", "http://origin.test/", 2);
  EXPECT_EQ(loop.unanswered(), 2) << "nobody listens there";
  fetch_through(loop, proxy.url(""), "http://origin.test/closed", 1);
  EXPECT_EQ(loop.unanswered(), 1) << "another proxy begins anew; this one wants credentials";
  fetch_through(loop, proxy.url(""), "https://origin.test/closed", 2);
  EXPECT_EQ(loop.unanswered(), 2) << "a tunnel is refused";
  fetch_through(loop, proxy.url(""), "http://origin.test/", 1);
  EXPECT_EQ(loop.unanswered(), 0) << "an answer, be it what it may";
}

}  // namespace
}  // namespace aircheck::net
