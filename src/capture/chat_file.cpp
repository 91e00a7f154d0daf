#include "capture/chat_file.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace aircheck::capture {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".live_chat.json";

// What the folders of all runs begin with: "/recordings/talk.chat-".
std::string folder_prefix(const std::string& file) {
  auto stem = file;
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem + ".chat-";
}

// yt-dlp writes into "….part" first; beside that it keeps single answers, which are no lines.
bool has_lines(const fs::path& path) {
  const auto name = path.filename().string();
  return name.ends_with("live_chat.json") || name.ends_with("live_chat.json.part");
}

// The folders of runs beside `file`.
std::vector<fs::path> folders_of(const std::string& file) {
  const auto prefix = folder_prefix(file);
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(file).parent_path(), error))
    if (entry.is_directory(error) && entry.path().string().starts_with(prefix)) folders.push_back(entry.path());
  return folders;
}

// Up to the last newline: a run that was killed may have left half a line.
std::uint64_t whole_lines(std::ifstream& in) {
  std::array<char, 65536> block;
  std::uint64_t end = 0, at = 0;
  while (in.read(block.data(), block.size()), in.gcount() > 0) {
    const std::string_view text(block.data(), static_cast<std::size_t>(in.gcount()));
    if (const auto last = text.rfind('\n'); last != std::string_view::npos) end = at + last + 1;
    at += text.size();
  }
  return end;
}

Result<std::uint64_t> append(const fs::path& from, const std::string& file) {
  std::ifstream in(from, std::ios::binary);
  const auto size = whole_lines(in);
  if (size == 0) return size;
  in.clear();
  in.seekg(0);
  std::ofstream out(file, std::ios::binary | std::ios::app);
  std::array<char, 65536> block;
  for (auto left = size; left > 0 && in && out;) {
    in.read(block.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, block.size())));
    out.write(block.data(), in.gcount());
    left -= static_cast<std::uint64_t>(in.gcount());
  }
  out.close();
  if (!in || !out) return fail(ErrorKind::io, fmt::format("cannot append to {}", file));
  return size;
}

Result<std::uint64_t> gather_folder(const fs::path& folder, const std::string& file) {
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!has_lines(entry.path())) continue;
    total += TRY(append(entry.path(), file));
    fs::remove(entry.path(), error);
  }
  fs::remove_all(folder, error);
  return total;
}

}  // namespace

Result<std::string> make_chat_folder(const std::string& file) {
  auto folder = folder_prefix(file) + std::to_string(::getpid());
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot make {}: {}", folder, error.message()));
  return folder;
}

Result<std::uint64_t> gather_chat(const std::string& file) {
  std::uint64_t total = 0;
  for (const auto& folder : folders_of(file)) total += TRY(gather_folder(folder, file));
  return total;
}

Result<std::string> read_chat(const std::string& file) {
  std::string text;
  std::vector<fs::path> files{file};
  std::error_code error;
  for (const auto& folder : folders_of(file))
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (has_lines(entry.path())) files.push_back(entry.path());
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) continue;  // the first of them is there once a run has ended
    const auto begin = text.size();
    text.append(std::istreambuf_iterator<char>(in), {});
    if (in.bad()) return fail(ErrorKind::io, fmt::format("cannot read {}", path.string()));
    const auto last = text.rfind('\n');
    text.resize(last == std::string::npos || last < begin ? begin : last + 1);
  }
  return text;
}

}  // namespace aircheck::capture
