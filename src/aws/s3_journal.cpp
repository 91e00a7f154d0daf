#include "aws/s3_journal.hpp"

#include <fmt/core.h>

#include <charconv>

#include "core/names.hpp"

namespace aircheck::aws {
namespace {

constexpr std::string_view kMagic = "#aircheck-s3-journal";
constexpr int kMostNumber = 10'000;  // of a part
constexpr int kNumbersLeftOut = 2;   // a superseded recorder has one part under way, and may begin another

std::unexpected<Error> damaged() {
  return fail(ErrorKind::corrupt, "the recording's journal in the bucket is damaged, or not ours");
}

// Takes the text up to the next `end` off the front.
std::string_view take(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

template <class Number>
bool read(std::string_view word, Number& out) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  return error == std::errc{} && end == word.data() + word.size();
}

Result<void> add_part(S3File& file, std::string_view words) {
  UploadedPart part;
  if (!read(take(words, ' '), part.number) || !read(take(words, ' '), part.size)) return damaged();
  if (part.number < 1 || part.number > kMostNumber) return damaged();
  part.etag = take(words, ' ');
  part.crc = words == "-" ? "" : words;
  file.next_number = std::max(file.next_number, part.number + 1);
  file.parts.push_back(std::move(part));
  return {};
}

Result<void> add_line(S3Journal& journal, std::string_view line) {
  if (line.starts_with('=')) {
    journal.lines.emplace_back(line.substr(1));
    return {};
  }
  const auto what = take(line, ' ');
  auto& file = journal.file;
  if (what == "#opened") {
    if (file) file->next_number += kNumbersLeftOut;
    return {};
  }
  int index = 0;
  if (!read(take(line, ' '), index) || index < 0) return damaged();
  if (what == "#file") {
    file = S3File{.index = index, .upload = {}, .parts = {}};
    return {};
  }
  if (!file || file->index != index) return damaged();
  if (what == "#upload") file->upload = line;
  else if (what == "#done") file->done = true;
  else if (what == "#part") return add_part(*file, line);
  else return damaged();
  return {};
}

}  // namespace

std::uint64_t S3File::uploaded() const {
  std::uint64_t sum = 0;
  for (const auto& part : parts) sum += part.size;
  return sum;
}

Result<bool> S3Journal::add_chunk(ByteView chunk, std::string etag) {
  auto rest = as_text(chunk);
  auto words = take(rest, '\n');
  int version = 0, number = 0;
  std::size_t text_size = 0, tail_size = 0;
  if (take(words, ' ') != kMagic || !read(take(words, ' '), version)) return damaged();
  if (version != 1) return fail(ErrorKind::unsupported, "the recording's journal is of a later version");
  const auto whose = take(words, ' ');
  if (!read(take(words, ' '), number) || !read(take(words, ' '), text_size) || !read(words, tail_size))
    return damaged();
  if (chunks > 0 && whose != id) return false;
  if (number != chunks || text_size > rest.size() || tail_size != rest.size() - text_size) return damaged();
  id = whose;
  auto text = rest.substr(0, text_size);
  last_text = text;
  last_etag = std::move(etag);
  ++chunks;
  while (!text.empty()) TRY(add_line(*this, take(text, '\n')));
  const auto tail_bytes = as_bytes(rest.substr(text_size));
  tail.assign(tail_bytes.begin(), tail_bytes.end());
  return true;
}

std::string chunk_key(std::string_view recording, int number) {
  const auto key = journal_key(recording);
  return number == 0 ? key : fmt::format("{}.{}", key, number);
}

std::string make_chunk(std::string_view id, int number, std::string_view text, std::size_t tail_size) {
  return fmt::format("{} 1 {} {} {} {}\n{}", kMagic, id, number, text.size(), tail_size, text);
}

std::string recorder_text(std::string_view line) { return fmt::format("={}\n", line); }
std::string file_text(int index) { return fmt::format("#file {}\n", index); }
std::string upload_text(int index, std::string_view upload) { return fmt::format("#upload {} {}\n", index, upload); }
std::string part_text(int index, const UploadedPart& part) {
  return fmt::format("#part {} {} {} {} {}\n", index, part.number, part.size, part.etag,
                     part.crc.empty() ? "-" : part.crc);
}
std::string done_text(int index) { return fmt::format("#done {}\n", index); }
std::string opened_text() { return "#opened\n"; }

}  // namespace aircheck::aws
