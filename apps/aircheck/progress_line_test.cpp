#include "aircheck/progress_line.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "aircheck/terminal.hpp"

namespace aircheck::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgressReport report_at(seconds media, std::uint64_t bytes, std::string state = "recording") {
  return {.media_time = media, .bytes = bytes, .lag = milliseconds{4'200}, .gaps = 0, .state = std::move(state)};
}

TEST(FormatProgress, SaysWhatMatters) {
  EXPECT_EQ(format_progress(report_at(seconds{754}, 510'000'000), "5.41 Mb/s", 100),
            "   12:34   510 MB  5.41 Mb/s  lag  4.2 s  recording");
}

TEST(FormatProgress, NamesGapsOnlyWhereThereAreAny) {
  auto report = report_at(seconds{10}, 1'000);
  EXPECT_THAT(format_progress(report, "", 100), Not(HasSubstr("gap")));
  report.gaps = 1;
  EXPECT_THAT(format_progress(report, "", 100), HasSubstr("  1 gap  "));
  report.gaps = 2;
  EXPECT_THAT(format_progress(report, "", 100), HasSubstr("  2 gaps  "));
}

TEST(FormatProgress, FitsTheWidth) {
  const auto report = report_at(seconds{10}, 1'000, "a state that\ntakes more room than there is");
  EXPECT_EQ(display_width(format_progress(report, "", 50)), 50u);
  EXPECT_THAT(format_progress(report, "", 200), Not(HasSubstr("\n")));
}

class ProgressLineOutput : public testing::Test {
 protected:
  ~ProgressLineOutput() override {
    std::fclose(out_);
    std::free(text_);
  }
  std::string output() {
    std::fflush(out_);
    return {text_, size_};
  }
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* out_ = ::open_memstream(&text_, &size_);
  ProgressLine::Time start_{seconds{1'000}};
};

TEST_F(ProgressLineOutput, RedrawsOneLineOnATerminal) {
  ProgressLine line(out_, true);
  line.show(report_at(seconds{1}, 1'000), start_);
  line.show(report_at(seconds{2}, 2'000), start_);
  line.finish();
  line.finish();
  EXPECT_THAT(output(), testing::StartsWith("\r"));
  EXPECT_EQ(std::ranges::count(output(), '\r'), 2);
  EXPECT_EQ(std::ranges::count(output(), '\n'), 1);
}

TEST_F(ProgressLineOutput, PrintsALineEveryTenSecondsElsewhere) {
  ProgressLine line(out_, false);
  for (int i = 0; i < 25; ++i) line.show(report_at(seconds{i}, 1'000), start_ + seconds{i});
  line.finish();
  EXPECT_EQ(std::ranges::count(output(), '\n'), 3);
}

TEST_F(ProgressLineOutput, PrintsEveryNewStateAtOnce) {
  ProgressLine line(out_, false);
  line.show(report_at(seconds{1}, 1'000, "opening"), start_);
  line.show(report_at(seconds{1}, 1'000, "recording"), start_);
  line.show(report_at(seconds{1}, 1'000, "recording"), start_);
  EXPECT_EQ(std::ranges::count(output(), '\n'), 2);
}

TEST_F(ProgressLineOutput, BitrateIsThatOfTheNewestMedia) {
  ProgressLine line(out_, false);
  line.show(report_at(seconds{10}, 10'000'000), start_);
  line.show(report_at(seconds{20}, 11'000'000), start_ + seconds{10});
  EXPECT_THAT(output(), HasSubstr("8.00 Mb/s"));
  EXPECT_THAT(output(), HasSubstr("800 kb/s"));
}

}  // namespace
}  // namespace aircheck::apps
