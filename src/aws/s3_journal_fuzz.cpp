// Any bytes as a journal's chunks: refused, or a state that is the same when it is written and read again.
#include <cstdlib>

#include "aws/s3_journal_testing.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::aws;

bool same(const UploadedPart& a, const UploadedPart& b) {
  return a.number == b.number && a.size == b.size && a.etag == b.etag && a.crc == b.crc;
}

bool same(const S3Journal& a, const S3Journal& b) {
  if (a.lines != b.lines || a.tail != b.tail || a.file.has_value() != b.file.has_value()) return false;
  if (!a.file) return true;
  return a.file->index == b.file->index && a.file->upload == b.file->upload && a.file->done == b.file->done &&
         std::ranges::equal(a.file->parts, b.file->parts, [](const auto& x, const auto& y) { return same(x, y); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  S3Journal journal;
  if (!add_all(journal, as_text(std::as_bytes(std::span(data, size)))) || journal.chunks == 0) return 0;
  for (const auto& part : journal.file ? journal.file->parts : std::vector<UploadedPart>{})
    if (part.number < 1 || part.number >= journal.file->next_number) std::abort();
  const auto tail = as_text(journal.tail);
  S3Journal again;
  const auto added =
      again.add_chunk(as_bytes(make_chunk(journal.id, 0, text_of(journal), tail.size()) + std::string(tail)), "");
  if (!added || !*added || !same(journal, again)) std::abort();
  // And the recording goes on.
  const auto next = again.add_chunk(as_bytes(make_chunk(journal.id, 1, opened_text() + recorder_text("x"), 0)), "");
  if (!next || !*next || again.lines.back() != "x" || !again.tail.empty()) std::abort();
  return 0;
}
