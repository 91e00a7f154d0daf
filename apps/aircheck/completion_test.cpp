#include "aircheck/completion.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "aircheck/command_line.hpp"
#include "aircheck/commands.hpp"

namespace aircheck::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

// A small tree of the same shape as the program's.
class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    begin_command_line(app_);
    auto& play = *app_.add_subcommand("play", "Play it's file [loudly]");
    play.add_option("file", file_, "What to play")->required();
    play.add_option("-q,--quality", quality_, "How good");
    play.add_flag("--loop", loop_, "Again and again");
    auto& sing = *app_.add_subcommand("sing", "Sing");
    sing.add_subcommand("song", "A song")->add_option("--key", key_, "In which key");
    app_.add_subcommand("secret", "Not for the help")->group("");
    name_environment(app_);
  }
  CLI::App app_{"Plays", "aircheck"};
  std::string file_, quality_, key_;
  bool loop_ = false;
};

TEST_F(CompletionTest, KnowsCommandsAndOptions) {
  for (const auto& script : {bash_completion(app_), zsh_completion(app_), fish_completion(app_)}) {
    EXPECT_THAT(script, HasSubstr("play"));
    EXPECT_THAT(script, HasSubstr("quality"));
    EXPECT_THAT(script, HasSubstr("1080")) << "values of an option";
    EXPECT_THAT(script, Not(HasSubstr("secret")));
  }
}

TEST_F(CompletionTest, KnowsCommandsOfCommands) {
  for (const auto& script : {bash_completion(app_), zsh_completion(app_), fish_completion(app_)}) {
    EXPECT_THAT(script, HasSubstr("song"));
    EXPECT_THAT(script, HasSubstr("key"));
  }
  EXPECT_THAT(man_page(app_, "1"), HasSubstr(".SS aircheck sing song"));
}

TEST_F(CompletionTest, QuotesDescriptions) {
  EXPECT_THAT(fish_completion(app_), HasSubstr(R"('Play it'\''s file [loudly]')"));
  EXPECT_THAT(zsh_completion(app_), HasSubstr(R"(it'\''s file \[loudly\]')"));
}

TEST_F(CompletionTest, ManPageProtectsWhatRoffWouldTakeForItself) {
  const auto page = man_page(app_, "1.2.3");
  EXPECT_THAT(page, HasSubstr("aircheck 1.2.3"));
  EXPECT_THAT(page, HasSubstr(".SS aircheck play [OPTION\\[u2026]] FILE"));
  EXPECT_THAT(page, HasSubstr(".B \\-\\-loop"));
  EXPECT_THAT(page, Not(HasSubstr("secret")));
}

TEST_F(CompletionTest, EnvironmentFollowsTheNames) {
  EXPECT_EQ(environment_name("yt-dlp-args"), "AIRCHECK_YT_DLP_ARGS");
  EXPECT_EQ(app_.get_subcommand("play")->get_option("--quality")->get_envname(), "AIRCHECK_QUALITY");
  EXPECT_EQ(app_.get_help_ptr()->get_envname(), "");
}

TEST(Nearest, FindsTypingMistakesOnly) {
  const std::vector<std::string> candidates{"record", "serve", "--quality"};
  EXPECT_EQ(nearest("recrod", candidates), "record");
  EXPECT_EQ(nearest("--qualty", candidates), "--quality");
  EXPECT_EQ(nearest("banana", candidates), "");
}

}  // namespace
}  // namespace aircheck::apps
