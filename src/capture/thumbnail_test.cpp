#include "capture/thumbnail.hpp"

#include <gtest/gtest.h>

#include "net/test_server.hpp"

namespace aircheck::capture {
namespace {

using net::TestServer;

const std::string kJpeg = "\xff\xd8\xff\xe0 a picture";

std::string answer(const std::string& target, int) {
  if (target == "/jpeg") return TestServer::ok(kJpeg);
  if (target == "/page") return TestServer::ok("<html>");
  if (target == "/large") return TestServer::ok(kJpeg + std::string(2u << 20, 'x'));
  return TestServer::status(404);
}

class Thumbnails : public testing::Test {
 protected:
  std::optional<Thumbnail> fetch(std::initializer_list<const char*> targets) {
    std::vector<std::string> urls;
    for (const auto* target : targets) urls.push_back(server_.url(target));
    net::Loop loop({});
    std::optional<Thumbnail> got;
    std::unique_ptr<ThumbnailFetch> fetch;
    fetch = std::make_unique<ThumbnailFetch>(loop, urls, [&](auto thumbnail) {
      got = std::move(thumbnail);
      fetch.reset();  // as an owner may
      loop.stop();
    });
    loop.run();
    return got;
  }

  TestServer server_{answer};
};

TEST_F(Thumbnails, are_the_first_that_is_there_and_a_picture) {
  const auto got = fetch({"/gone", "/page", "/large", "/jpeg", "/never"});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->media_type, "image/jpeg");
  EXPECT_EQ(as_text(got->data), kJpeg);
  EXPECT_EQ(server_.asked("/large"), 1);
  EXPECT_EQ(server_.asked("/never"), 0);
}

TEST_F(Thumbnails, may_be_had_nowhere) {
  EXPECT_FALSE(fetch({"/gone", "/page"}));
  EXPECT_FALSE(fetch({}));
}

TEST_F(Thumbnails, are_given_up_with_their_owner) {
  net::Loop loop({});
  {
    const ThumbnailFetch fetch(loop, {server_.url("/jpeg")}, [](auto) { ADD_FAILURE() << "called"; });
  }
  {
    const ThumbnailFetch fetch(loop, {}, [](auto) { ADD_FAILURE() << "called"; });
  }
  loop.run_once(milliseconds{20});
}

}  // namespace
}  // namespace aircheck::capture
