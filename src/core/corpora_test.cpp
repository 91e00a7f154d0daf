// The fuzzers' corpora as plain tests.
#include "base/corpora_testing.hpp"
#include "core/channel_feed.hpp"
#include "core/job_json.hpp"
#include "core/stream_url.hpp"
#include "core/title_pattern.hpp"
#include "core/video_page.hpp"
#include "core/watch.hpp"
#include "core/watch_json.hpp"
#include "core/xml_reader.hpp"

namespace aircheck {
namespace {

TEST(Corpora, channel_feeds) {
  for_each_in("channel_feed",
              [](std::string_view text, const std::string&) { return parse_channel_feed(text).has_value(); });
}

TEST(Corpora, video_pages) {
  for_each_in("video_page",
              [](std::string_view text, const std::string&) { return parse_video_page(text).has_value(); });
}

TEST(Corpora, rows) {
  for_each_in("stored_json", [](std::string_view text, const std::string& name) {
    return name.find("watch") == std::string::npos ? job_from_json_text(text).has_value()
                                                   : watch_from_json_text(text).has_value();
  });
}

TEST(Corpora, addresses_of_streams_and_channels) {
  for_each_in("stream_url", [](std::string_view text, const std::string& name) {
    const UrlPolicy policy{.allow_other_hosts = name.starts_with("other_"), .allow_private_hosts = false};
    return parse_stream_url(text, policy) || parse_channel(text);
  });
}

TEST(Corpora, titles_and_their_patterns) {
  for_each_in("title_pattern", [](std::string_view text, const std::string&) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto pattern = TitlePattern::compile(text.substr(0, end));
    return pattern && pattern->matches(text.substr(std::min(end + 1, text.size())));
  });
}

TEST(Corpora, xml) {
  for_each_in("xml_reader", [](std::string_view text, const std::string&) {
    XmlReader reader(text);
    for (;;) {
      const auto token = reader.next();
      if (!token || *token == XmlReader::Token::finished) return token.has_value();
    }
  });
}

}  // namespace
}  // namespace aircheck
