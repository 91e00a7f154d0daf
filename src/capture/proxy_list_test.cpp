#include "capture/proxy_list.hpp"

#include <gtest/gtest.h>

namespace aircheck::capture {
namespace {

constexpr net::SteadyTime kNow{std::chrono::hours{5}};

TEST(ProxyList, may_be_empty) {
  ProxyList none({});
  EXPECT_EQ(none.current(), "");
  EXPECT_FALSE(none.fail(kNow));
  EXPECT_EQ(ProxyList({""}).size(), 0u);
}

TEST(ProxyList, keeps_the_only_one) {
  ProxyList one({"http://a"});
  EXPECT_FALSE(one.fail(kNow));
  EXPECT_EQ(one.current(), "http://a");
}

TEST(ProxyList, puts_one_that_fails_at_the_back_for_a_while) {
  ProxyList list({"a", "b", "c"}, seconds{60});
  EXPECT_TRUE(list.fail(kNow));
  EXPECT_EQ(list.current(), "b");
  EXPECT_TRUE(list.fail(kNow + seconds{1}));
  EXPECT_EQ(list.current(), "c") << "a rests";
  EXPECT_TRUE(list.fail(kNow + seconds{2}));
  EXPECT_EQ(list.current(), "a") << "all rest, and its rest is over soonest";
  EXPECT_TRUE(list.fail(kNow + seconds{100}));
  EXPECT_EQ(list.current(), "b") << "preferred to c, for both have rested";
}

TEST(ShownProxy, hides_who_uses_it) {
  EXPECT_EQ(shown_proxy("http://user:p@ss@host:8080"), "http://host:8080");
  EXPECT_EQ(shown_proxy("user:pass@host"), "host");
  EXPECT_EQ(shown_proxy("socks5h://host:1080"), "socks5h://host:1080");
}

}  // namespace
}  // namespace aircheck::capture
