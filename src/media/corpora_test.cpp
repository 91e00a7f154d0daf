// The fuzzers' corpora as plain tests: what is named bad_* is refused, everything else is read.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include "media/ebml.hpp"
#include "media/mkv_reader.hpp"
#include "media/packed_audio.hpp"
#include "media/playlist.hpp"
#include "media/ts.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

void for_each_in(std::string_view corpus, const std::function<bool(ByteView bytes, const std::string& name)>& read) {
  const auto folder = std::filesystem::path(AIRCHECK_SOURCE_DIR) / "tests/corpora" / corpus;
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto name = file.path().stem().string();
    EXPECT_EQ(read(as_bytes(text), name), !name.starts_with("bad_")) << file.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST(Corpora, playlists) {
  for_each_in("playlist", [](ByteView bytes, const std::string&) {
    return parse_playlist(as_text(bytes), "https://origin.example/live/index.m3u8").has_value();
  });
}

TEST(Corpora, transport_streams) {
  const std::map<std::string, std::size_t> damage{
      {"packet_missing", 1}, {"garbage_between_packets", 1}, {"last_packet_cut_off", 2}};
  for_each_in("ts", [&](ByteView bytes, const std::string& name) {
    TsState state;
    const auto segment = demux_ts(bytes, state);
    const auto expected = damage.find(name);
    EXPECT_EQ(state.damage, expected == damage.end() ? 0 : expected->second) << name;
    return segment.has_value();
  });
}

TEST(Corpora, packed_audio) {
  for_each_in("packed_audio", [](ByteView bytes, const std::string&) {
    TsState state;
    return demux_packed_audio(bytes, state).has_value();
  });
}

TEST(Corpora, webm) {
  for_each_in("webm", [](ByteView bytes, const std::string&) { return demux_webm({}, bytes).has_value(); });
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
  for_each_in("mkv_reader", [](ByteView bytes, const std::string&) { return is_recording(bytes); });
}

}  // namespace
}  // namespace aircheck::media
