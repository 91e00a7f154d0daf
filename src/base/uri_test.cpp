#include "base/uri.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

struct Example {
  std::string_view reference, target;
};

class Rfc3986 : public testing::TestWithParam<Example> {};

TEST_P(Rfc3986, resolves_as_the_rfc_says) {
  const auto target = resolve_uri("http://a/b/c/d;p?q", GetParam().reference);
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(*target, GetParam().target);
}

// RFC 3986 §5.4.1 and §5.4.2 (strict), all of them.
INSTANTIATE_TEST_SUITE_P(
    Section5_4, Rfc3986,
    testing::Values(Example{"g:h", "g:h"}, Example{"g", "http://a/b/c/g"}, Example{"./g", "http://a/b/c/g"},
                    Example{"g/", "http://a/b/c/g/"}, Example{"/g", "http://a/g"}, Example{"//g", "http://g"},
                    Example{"?y", "http://a/b/c/d;p?y"}, Example{"g?y", "http://a/b/c/g?y"},
                    Example{"#s", "http://a/b/c/d;p?q#s"}, Example{"g#s", "http://a/b/c/g#s"},
                    Example{"g?y#s", "http://a/b/c/g?y#s"}, Example{";x", "http://a/b/c/;x"},
                    Example{"g;x", "http://a/b/c/g;x"}, Example{"g;x?y#s", "http://a/b/c/g;x?y#s"},
                    Example{"", "http://a/b/c/d;p?q"}, Example{".", "http://a/b/c/"}, Example{"./", "http://a/b/c/"},
                    Example{"..", "http://a/b/"}, Example{"../", "http://a/b/"}, Example{"../g", "http://a/b/g"},
                    Example{"../..", "http://a/"}, Example{"../../", "http://a/"}, Example{"../../g", "http://a/g"},
                    Example{"../../../g", "http://a/g"}, Example{"../../../../g", "http://a/g"},
                    Example{"/./g", "http://a/g"}, Example{"/../g", "http://a/g"}, Example{"g.", "http://a/b/c/g."},
                    Example{".g", "http://a/b/c/.g"}, Example{"g..", "http://a/b/c/g.."},
                    Example{"..g", "http://a/b/c/..g"}, Example{"./../g", "http://a/b/g"},
                    Example{"./g/.", "http://a/b/c/g/"}, Example{"g/./h", "http://a/b/c/g/h"},
                    Example{"g/../h", "http://a/b/c/h"}, Example{"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                    Example{"g;x=1/../y", "http://a/b/c/y"}, Example{"g?y/./x", "http://a/b/c/g?y/./x"},
                    Example{"g?y/../x", "http://a/b/c/g?y/../x"}, Example{"g#s/./x", "http://a/b/c/g#s/./x"},
                    Example{"g#s/../x", "http://a/b/c/g#s/../x"}, Example{"http:g", "http:g"}));

TEST(Uri, takes_everything_apart) {
  const auto parts = parse_uri("https://user:word@[2001:db8::1]:8443/live/x.m3u8?sq=5#t");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->scheme, "https");
  EXPECT_EQ(parts->userinfo, "user:word");
  EXPECT_EQ(parts->host, "2001:db8::1");
  EXPECT_EQ(parts->port, 8443);
  EXPECT_EQ(parts->path, "/live/x.m3u8");
  EXPECT_EQ(parts->query, "sq=5");
  EXPECT_EQ(parts->fragment, "t");
}

TEST(Uri, tells_absent_from_empty) {
  const auto parts = parse_uri("http://host?");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->path, "");
  EXPECT_EQ(parts->query, "");
  EXPECT_FALSE(parts->fragment);
  EXPECT_FALSE(parts->userinfo);
  EXPECT_FALSE(parts->port);
}

TEST(Uri, takes_the_host_after_the_last_at) {
  const auto parts = parse_uri("http://youtube.com@evil.example/");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->host, "evil.example");
}

TEST(Uri, refuses_what_is_none) {
  for (const auto* const text : {"http://host:99999/", "http://host:8x/", "http://[::1/", "http://[::1]x/",
                                 "ht tp://host/", "http://host/\n", "1http://host", ":"})
    EXPECT_EQ(parse_uri(text).error().kind, ErrorKind::invalid_input) << text;
}

TEST(Uri, resolves_only_against_an_absolute_base) {
  EXPECT_EQ(resolve_uri("/relative", "x").error().kind, ErrorKind::invalid_input);
}

TEST(Uri, resolves_against_a_host_without_path) { EXPECT_EQ(resolve_uri("http://h", "a.ts"), "http://h/a.ts"); }

TEST(Uri, never_turns_a_path_into_a_host) { EXPECT_EQ(resolve_uri("http://h/", "x:..//evil"), "x:/evil"); }

TEST(Uri, keeps_two_slashes_of_a_path_without_host_a_path) {
  EXPECT_EQ(resolve_uri("http://h/", "x:../..///evil:-a"), "x:/.//evil:-a");
}

TEST(Uri, encodes_blanks_and_trims) {
  EXPECT_EQ(resolve_uri("http://h/x y/p.m3u8", " part one.ts "), "http://h/x%20y/part%20one.ts");
}

TEST(Uri, trims_no_line_break_off_a_reference) {
  EXPECT_NE(resolve_uri("http://h/", "a.ts\r\n"), "http://h/a.ts")
      << "a reference is one line: what holds another is none";
}

TEST(Uri, percent_encodes_all_but_the_unreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~ /?%\xc3\xa4"), "aZ09-._~%20%2F%3F%25%C3%A4");
  EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c");
}

}  // namespace
}  // namespace aircheck
