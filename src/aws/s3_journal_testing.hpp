#pragma once
// A journal in a bucket as one text: its chunks one behind the other.

#include <string>
#include <string_view>
#include <vector>

#include "aws/s3_journal.hpp"

namespace aircheck::aws {

/// Cut before each line that begins a chunk.
inline std::vector<std::string_view> chunks_in(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto next = text.find("#aircheck-s3-journal ", 1);
    out.push_back(text.substr(0, next));
    text.remove_prefix(out.back().size());
  }
  return out;
}

/// False where one was left out for another recording's.
inline Result<bool> add_all(S3Journal& journal, std::string_view text) {
  for (const auto chunk : chunks_in(text))
    if (!TRY(journal.add_chunk(as_bytes(chunk), "etag"))) return false;
  return true;
}

/// What writes the journal as far as its state tells.
inline std::string text_of(const S3Journal& journal) {
  std::string out;
  for (const auto& line : journal.lines) out += recorder_text(line);
  if (!journal.file) return out;
  const auto& file = *journal.file;
  out += file_text(file.index);
  if (!file.upload.empty()) out += upload_text(file.index, file.upload);
  for (const auto& part : file.parts) out += part_text(file.index, part);
  return file.done ? out + done_text(file.index) : out;
}

}  // namespace aircheck::aws
