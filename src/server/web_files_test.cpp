#include "server/web_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/scratch_testing.hpp"

namespace aircheck::server {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr, testing::Not;

class WebRoot : public testing::Test {
 protected:
  WebRoot() {
    write("index.html", "<script>self.x=1</script><script src=\"/a.js\"></script>");
    write("job.html", "a job");
    write("404.html", "nothing");
    write("_next/static/chunks/main-0123456789abcdef.js", "js");
    write(".secret", "secret");
    write("../outside.txt", "secret");
    fs::create_symlink(root_ / "../outside.txt", root_ / "link.txt");
  }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  api::Response get(std::string path, api::Headers headers = {}) {
    return WebFiles(root_.string()).answer({.path = std::move(path), .headers = std::move(headers)});
  }
  static std::string text(const api::Response& reply) { return std::get<std::string>(reply.body); }

  ScratchFolder scratch_;
  const fs::path root_ = scratch_.path() / "web";
};

TEST_F(WebRoot, PagesOfAStaticExport) {
  EXPECT_THAT(text(get("/")), HasSubstr("self.x"));
  EXPECT_EQ(text(get("/job")), "a job");
  EXPECT_EQ(text(get("/job/")), "a job");
  EXPECT_EQ(text(get("/job//")), "a job");
  EXPECT_EQ(text(get("/job.html")), "a job");
  EXPECT_EQ(get("/job").headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(text(get("/nothing")), "nothing");
}

TEST_F(WebRoot, NothingOutside) {
  for (const auto* path :
       {"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/x/../../outside.txt", "/.secret", "/link.txt",
        "/%2e%2e%5coutside.txt", "/job%00.html", "//../outside.txt", "outside.txt", "/%zz"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(WebRoot, HashedNamesAreKept) {
  EXPECT_THAT(get("/_next/static/chunks/main-0123456789abcdef.js").headers.at("cache-control"), HasSubstr("immutable"));
  EXPECT_EQ(get("/").headers.at("cache-control"), "no-cache");
  EXPECT_EQ(get("/", {{"if-none-match", get("/").headers.at("etag")}}).status, 304);
}

TEST_F(WebRoot, OnlyTheInlineScriptsOfThePageMayRun) {
  const auto policy = get("/").headers.at("content-security-policy");
  // printf 'self.x=1' | openssl dgst -sha256 -binary | base64
  EXPECT_THAT(policy, HasSubstr("script-src 'self' 'sha256-OeQ5f9lOMes7jOc0cGCXX08CnAERweUkLpVXXpflaLg=';"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("https:")));
  EXPECT_EQ(get("/").headers.at("x-content-type-options"), "nosniff");
}

TEST_F(WebRoot, PackedFilesForWhoTakesThem) {
  write("index.html.gz", "packed");
  const auto packed = get("/", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(text(packed), "packed");
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(packed.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(packed.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(packed.headers.at("content-security-policy"), get("/").headers.at("content-security-policy"));
  EXPECT_NE(packed.headers.at("etag"), get("/").headers.at("etag"));
  for (const auto* coding : {"", "br", "gzip;q=0", "identity"}) {
    const auto plain = get("/", {{"accept-encoding", coding}});
    EXPECT_THAT(text(plain), HasSubstr("self.x")) << coding;
    EXPECT_EQ(plain.headers.count("content-encoding"), 0) << coding;
    EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding") << coding;
  }
  EXPECT_EQ(get("/job", {{"accept-encoding", "gzip"}}).headers.count("content-encoding"), 0);
}

TEST(BuiltinPage, PlaysFromWhereRecordingsAre) {
  EXPECT_THAT(page_policy(""), HasSubstr("media-src 'self' blob:;"));
  const auto page = WebFiles("", "https://talks.s3.example").answer({.path = "/"});
  EXPECT_THAT(page.headers.at("content-security-policy"),
              HasSubstr("media-src 'self' blob: https://talks.s3.example;"));
}

TEST(BuiltinPage, IsStrict) {
  const WebFiles files("");
  const auto page = files.answer({.path = "/"});
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("script-src 'self';"));
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("style-src 'self';"));
  for (const auto* path : {"/builtin.js", "/builtin.css", "/builtin.svg", "/index.html"})
    EXPECT_EQ(files.answer({.path = path}).status, 200);
  EXPECT_EQ(files.answer({.path = "/etc/passwd"}).status, 404);
  EXPECT_EQ(files.answer({.method = "POST", .path = "/"}).status, 405);
}

}  // namespace
}  // namespace aircheck::server
