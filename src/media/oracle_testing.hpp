#pragma once
// For tests: FFmpeg as the oracle. Makes media with ffmpeg in a folder of the test's own and lists packets as ffprobe sees
// them. A command that fails makes the test fail with its words. Not thread-safe.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/scratch_testing.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

/// Runs a line for the shell and returns what it prints; a failure fails the test.
inline std::string run_oracle(const std::string& command) {
  std::string out;
  auto* const pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (const auto size = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << out;
  return out;
}

/// A folder to make media in.
class OracleFolder {
 public:
  std::filesystem::path file(std::string_view name) const { return scratch_.path() / name; }
  /// Runs ffmpeg in the folder, so that files are named without it.
  void ffmpeg(std::string_view arguments) const {
    run_oracle(fmt::format("cd {} && ffmpeg -nostdin -v error -y {}", scratch_.path().string(), arguments));
  }
  Bytes read(std::string_view name) const {
    std::ifstream in(file(name), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
  }

 private:
  ScratchFolder scratch_;
};

struct OraclePacket {
  double pts = 0, dts = 0;  // seconds
  bool key = false;
  std::string md5;  // of the payload
};

/// The packets of the first stream of the kind ('v' or 'a'), in the file's order.
inline std::vector<OraclePacket> probe_packets(const std::filesystem::path& path, char kind) {
  auto text = run_oracle(
      fmt::format("ffprobe -v error -select_streams {}:0 -show_entries packet=pts_time,dts_time,flags,data_hash "
                  "-show_data_hash md5 -of csv=p=0 {}",
                  kind, path.string()));
  // ffprobe 5 breaks the line where a packet has side data.
  for (auto at = text.find(",\n,"); at != std::string::npos; at = text.find(",\n,", at)) text.replace(at, 3, ",");
  std::istringstream lines(text);
  std::vector<OraclePacket> out;
  for (std::string line; std::getline(lines, line);) {
    std::array<std::string, 4> fields;
    std::istringstream in(line);
    for (auto& field : fields) std::getline(in, field, ',');
    if (fields[3].empty()) continue;
    out.push_back({std::atof(fields[0].c_str()), std::atof(fields[1].c_str()), fields[2].starts_with('K'),
                   fields[3].substr(std::string_view("MD5:").size())});
  }
  return out;
}

/// One value of the first stream of the kind, such as "extradata_hash".
inline std::string probe_stream(const std::filesystem::path& path, char kind, std::string_view field) {
  auto text = run_oracle(
      fmt::format("ffprobe -v error -select_streams {}:0 -show_entries stream={} -show_data_hash md5 -of csv=p=0 {}",
                  kind, field, path.string()));
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.ends_with(',')) text.pop_back();  // it says that there are side data, which are in the frames or in the head
  return text.starts_with("MD5:") ? text.substr(4) : text;
}

inline std::string md5_of(ByteView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

}  // namespace aircheck::media
