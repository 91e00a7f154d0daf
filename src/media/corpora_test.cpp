// The fuzzers' corpora as plain tests.
#include <map>
#include <string>

#include "base/corpora_testing.hpp"
#include "media/avc.hpp"
#include "media/ebml.hpp"
#include "media/fmp4.hpp"
#include "media/hevc.hpp"
#include "media/hevc_parameters.hpp"
#include "media/mkv_reader.hpp"
#include "media/packed_audio.hpp"
#include "media/playlist.hpp"
#include "media/stream_splitter.hpp"
#include "media/ts.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

TEST(Corpora, playlists) {
  for_each_in("playlist", [](std::string_view text, const std::string&) {
    return parse_playlist(text, "https://origin.example/live/index.m3u8").has_value();
  });
}

TEST(Corpora, transport_streams) {
  const std::map<std::string, std::size_t> damage{
      {"packet_missing", 1}, {"garbage_between_packets", 1}, {"last_packet_cut_off", 2}};
  for_each_in("ts", [&](std::string_view text, const std::string& name) {
    TsState state;
    const auto segment = demux_ts(as_bytes(text), state);
    const auto expected = damage.find(name);
    EXPECT_EQ(state.damage, expected == damage.end() ? 0 : expected->second) << name;
    return segment.has_value();
  });
}

TEST(Corpora, packed_audio) {
  for_each_in("packed_audio", [](std::string_view text, const std::string&) {
    TsState state;
    return demux_packed_audio(as_bytes(text), state).has_value();
  });
}

TEST(Corpora, webm) {
  for_each_in("webm",
              [](std::string_view text, const std::string&) { return demux_webm({}, as_bytes(text)).has_value(); });
}

// The head, and every cluster behind it.
bool is_recording(ByteView bytes) {
  const auto head = parse_mkv_head(bytes);
  if (!head) return false;
  for (auto rest = bytes.subspan(head->size); !rest.empty();) {
    const auto element = read_mkv_element(rest);
    if (!element || element->header + element->body > rest.size()) return false;
    const auto body = rest.subspan(element->header, element->body);
    if (element->id == ebml::kCluster && !(mkv_cluster_time(body) && parse_mkv_cluster(body, head->tracks)))
      return false;
    rest = rest.subspan(element->header + element->body);
  }
  return true;
}

TEST(Corpora, recordings) {
  for_each_in("mkv_reader", [](std::string_view text, const std::string&) { return is_recording(as_bytes(text)); });
}

TEST(Corpora, fragments) {
  for_each_in("fmp4", [](std::string_view text, const std::string&) {
    const auto init = parse_fmp4_init(as_bytes(text));
    return init && demux_fmp4(*init, as_bytes(text));
  });
}

TEST(Corpora, parameter_sets) {
  for_each_in("video_coding", [](std::string_view text, const std::string&) {
    const auto nal = as_bytes(text);
    return parse_avc_sps(nal) || parse_avcc(nal) || parse_hevc_sps(nal) || parse_hevc_vps(nal) ||
           hevc_parallelism(nal) == 3;
  });
}

TEST(Corpora, streams_without_an_end) {
  const std::map<std::string, std::size_t> segments{{"ts_short", 1}};  // of all others there are two
  for_each_in("stream_splitter", [&](std::string_view text, const std::string& name) {
    StreamSplitter splitter;
    for (auto rest = as_bytes(text); !rest.empty(); rest = rest.subspan(std::min<std::size_t>(rest.size(), 1'000)))
      if (!splitter.push(rest.first(std::min<std::size_t>(rest.size(), 1'000)))) return false;
    splitter.finish();
    std::size_t count = 0;
    while (splitter.next()) ++count;
    EXPECT_EQ(count, segments.contains(name) ? segments.at(name) : 2) << name;
    return true;
  });
}

}  // namespace
}  // namespace aircheck::media
