#pragma once
// The journal's text in a bucket. Objects cannot be appended to, so it is a row of chunks, "<key>.journal", "<key>.journal.1"
// …, of which only the last is ever put again. A chunk is one line that says what it is, then text, then the tail: bytes of
// the recording that are committed, but no part yet. Only the last chunk's tail counts. The text's lines:
//
//   =<line>                              a line of the recorder
//   #file <index>                        file <index> begins
//   #upload <index> <id>                 its multipart upload
//   #part <index> <number> <size> <etag> <crc or ->
//   #done <index>                        the object is complete
//   #opened                              a recorder took it: it leaves part numbers out that one before may still send
//
// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3_bucket.hpp"
#include "base/result.hpp"

namespace aircheck::aws {

struct S3File {
  int index = 0;
  std::string upload;               // empty: none was begun, it is still short
  std::vector<UploadedPart> parts;  // without part 1, the head
  int next_number = 2;
  bool done = false;

  std::uint64_t uploaded() const;  // bytes in the parts
};

struct S3Journal {
  std::string id;  // of this recording: chunks with another are another's leftovers
  std::vector<std::string> lines;
  std::optional<S3File> file;  // the last one
  Bytes tail;
  int chunks = 0;
  std::string last_text, last_etag;  // of the last chunk

  /// Takes the next chunk in. False when it belongs to another recording. `corrupt` when it is no chunk of ours.
  Result<bool> add_chunk(ByteView chunk, std::string etag);
};

std::string chunk_key(std::string_view recording, int number);
/// What stands before the tail, whose size it tells.
std::string make_chunk(std::string_view id, int number, std::string_view text, std::size_t tail_size);

std::string recorder_text(std::string_view line);
std::string file_text(int index);
std::string upload_text(int index, std::string_view upload);
std::string part_text(int index, const UploadedPart& part);
std::string done_text(int index);
std::string opened_text();

}  // namespace aircheck::aws
