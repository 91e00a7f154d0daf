#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_ports.hpp"
#include "base/json.hpp"
#include "core/watch_samples_testing.hpp"

namespace aircheck::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Watches : public testing::Test {
 protected:
  Response ask(std::string method, std::string path, std::string body = {}, Headers headers = {}) {
    if (!body.empty()) headers.try_emplace("content-type", "application/json");
    return handle(
        {.method = std::move(method), .path = "/api" + path, .headers = std::move(headers), .body = std::move(body)},
        world_.context);
  }
  Response add(const json& value) { return ask("POST", "/watches", value.dump()); }
  static json body(const Response& reply) { return json::parse(std::get<std::string>(reply.body)); }
  static std::string text(const Response& reply) { return std::get<std::string>(reply.body); }

  TestWorld world_;
};

TEST_F(Watches, AreMadeListedAndRemoved) {
  const auto made =
      add({{"channel", " youtube.com/@Name/streams"}, {"title", "news"}, {"quality", "720p"}, {"from_start", true}});
  ASSERT_EQ(made.status, 201) << text(made);
  EXPECT_EQ(world_.watched, 1);
  const auto stored = world_.watches.list()->at(0);
  EXPECT_EQ(stored.channel, "https://www.youtube.com/@Name");
  EXPECT_EQ(stored.title, "news");
  EXPECT_EQ(stored.quality, "720");
  EXPECT_TRUE(stored.from_start);
  EXPECT_EQ(stored.created_at, world_.clock.now());
  EXPECT_EQ(body(made)["id"], stored.id);
  const auto listed = ask("GET", "/watches");
  EXPECT_EQ(body(listed)["watches"][0], body(made));
  EXPECT_EQ(ask("GET", "/watches", {}, {{"if-none-match", listed.headers.at("etag")}}).status, 304);
  EXPECT_EQ(ask("DELETE", "/watches/" + stored.id).status, 204);
  EXPECT_EQ(ask("DELETE", "/watches/" + stored.id).status, 404);
  EXPECT_THAT(text(ask("DELETE", "/watches/nonsense")), HasSubstr("watch"));
  EXPECT_TRUE(body(ask("GET", "/watches"))["watches"].empty());
}

TEST_F(Watches, TakeNullForWhatIsNotSaid) {
  const auto made =
      add({{"channel", "UC0123456789abcdefghijkl"}, {"title", nullptr}, {"quality", nullptr}, {"from_start", nullptr}});
  ASSERT_EQ(made.status, 201) << text(made);
  const auto stored = world_.watches.list()->at(0);
  EXPECT_EQ(stored.channel_id, "UC0123456789abcdefghijkl");
  EXPECT_EQ(stored.title, "");
  EXPECT_EQ(stored.quality, "best");
}

TEST_F(Watches, RefuseWhatIsWrong) {
  for (const auto& [value, status, words] : {
           std::tuple{json{}, 400, "JSON object"},
           {json::object(), 422, "channel is missing"},
           {json{{"channel", 1}}, 422, "must be a text"},
           {json{{"channel", nullptr}}, 422, "must be a text"},
           {json{{"channel", "name"}}, 400, "URL"},
           {json{{"channel", "https://youtu.be/live0000001"}}, 400, "video"},
           {json{{"channel", "@a"}, {"url", "x"}}, 422, "url"},
           {json{{"channel", "@a"}, {"title", "("}}, 422, "missing )"},
           {json{{"channel", "@a"}, {"title", "a\nb"}}, 422, "control"},
           {json{{"channel", "@a"}, {"title", std::string(201, 'a')}}, 422, "at most 200 bytes"},
           {json{{"channel", "@a"}, {"quality", "nice"}}, 422, "quality"},
           {json{{"channel", "@a"}, {"from_start", 1}}, 422, "from_start"},
       }) {
    const auto reply = add(value);
    EXPECT_EQ(reply.status, status) << value;
    EXPECT_THAT(text(reply), HasSubstr(words)) << value;
    EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
  }
  EXPECT_TRUE(world_.watches.list()->empty());
  EXPECT_EQ(world_.watched, 0);
}

TEST_F(Watches, AreOneAChannelAndTitle) {
  EXPECT_EQ(add({{"channel", "@a"}}).status, 201);
  const auto again = add({{"channel", "https://www.youtube.com/@a/live"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(text(again), HasSubstr("already"));
  EXPECT_EQ(add({{"channel", "@a"}, {"title", "news"}}).status, 201);
}

TEST_F(Watches, AreBoundedInNumber) {
  for (std::uint64_t i = 0; i < 500; ++i) ASSERT_TRUE(world_.watches.create(test_watch(i)));
  EXPECT_EQ(add({{"channel", "@one-more"}}).status, 409);
}

TEST_F(Watches, WantTheTokenAsEverythingDoes) {
  world_.context.token = "s3cret";
  EXPECT_EQ(ask("GET", "/watches").status, 401);
  EXPECT_EQ(add({{"channel", "@a"}}).status, 401);
  EXPECT_EQ(ask("DELETE", "/watches/" + test_id(1)).status, 401);
}

}  // namespace
}  // namespace aircheck::api
