#include "aircheck/config_file.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <sstream>

namespace aircheck::apps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() {
    for (const auto* name : {"record", "serve"}) app_.add_subcommand(name)->add_option("--yt-dlp-args", text_);
    app_.get_subcommand("serve")->add_option("--listen", text_);
    ::unsetenv("AIRCHECK_LISTEN");
  }
  ~ConfigFileTest() override { ::unsetenv("AIRCHECK_LISTEN"); }

  // "serve.listen=x" for each value that is to be set, in order.
  std::vector<std::string> read(const std::string& text) const {
    std::istringstream input(text);
    std::vector<std::string> values;
    for (const auto& item : ConfigFile(app_).from_config(input))
      values.push_back(item.fullname() + "=" + item.inputs.front());
    return values;
  }

  CLI::App app_;
  std::string text_;
};

TEST_F(ConfigFileTest, KeyAtTheTopIsForAllThatHaveIt) {
  EXPECT_THAT(read("yt-dlp-args = \"-a 'b c' # d\"\n"),
              ElementsAre("record.yt-dlp-args=-a 'b c' # d", "serve.yt-dlp-args=-a 'b c' # d"));
  EXPECT_THAT(read("listen = \"127.0.0.1:1\""), ElementsAre("serve.listen=127.0.0.1:1"));
}

TEST_F(ConfigFileTest, CommentsEndWhereQuotesBegin) {
  EXPECT_THAT(read("# all\nlisten = \"a#b\" # c \"d\"\n  # e\n"), ElementsAre("serve.listen=a#b"));
  EXPECT_THAT(read("listen = plain # c\n"), ElementsAre("serve.listen=plain"));
}

TEST_F(ConfigFileTest, SectionGoesFirst) {
  EXPECT_THAT(read("listen = \"a\"\n[serve]\nlisten = \"b\"\n"), ElementsAre("serve.listen=b", "serve.listen=a"));
}

TEST_F(ConfigFileTest, UnderscoresAreFine) {
  EXPECT_THAT(read("[serve]\nyt_dlp_args = \"x\""), ElementsAre("serve.yt-dlp-args=x"));
}

TEST_F(ConfigFileTest, EnvironmentWins) {
  ::setenv("AIRCHECK_LISTEN", "c", 1);
  EXPECT_THAT(read("listen = \"a\"\n[serve]\nlisten = \"b\"\n"), IsEmpty());
}

TEST_F(ConfigFileTest, UnknownKeysAndSectionsAreErrors) {
  EXPECT_THROW(read("lisen = \"a\"\n"), CLI::ConfigError);
  EXPECT_THROW(read("[record]\nlisten = \"a\"\n"), CLI::ConfigError);
  EXPECT_THROW(read("[sevre]\nlisten = \"a\"\n"), CLI::ConfigError);
}

}  // namespace
}  // namespace aircheck::apps
