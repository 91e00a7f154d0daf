// GET /jobs/{id}/recording: a file of the job, or a range of it, finished or still growing.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "api/query.hpp"
#include "api/range.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "core/names.hpp"

namespace aircheck::api {
namespace {

struct File {
  std::string key;
  std::uint64_t size = 0;   // of what is shown of it
  bool cut = false;         // there is more
  std::uint64_t whole = 0;  // bytes in all of a finished one; 0: it grows
};

// Before the first heartbeat with a file in it the job does not name its file yet.
std::string key_of(const Job& job, std::size_t number) {
  if (number <= job.recordings.size()) return job.recordings[number - 1].key;
  if (number != 1) return {};
  return recording_key(job.created_at.value_or(Instant{}), job.video_id, job.id);
}

std::string_view hint(const Job& job, const Context& context) {
  if (is_terminal(job.status)) return "The file was removed, or the job ended before its first segment.";
  return context.recording_link ? "What grows in a bucket can be read when it is finished."
                                : "Try again when the job is RECORDING.";
}

// A player takes a file that grows between two of its requests for a broken one: `until` shows it a file that does not.
std::optional<std::uint64_t> parse_until(const Request& request) {
  const auto text = Query(request.query).first("until");
  if (!text) return std::numeric_limits<std::uint64_t>::max();
  const auto until = parse_number(*text);
  return until && *until > 0 ? until : std::nullopt;
}

std::expected<File, Response> find_file(const Request& request, const Context& context, const Job& job) {
  const auto text = Query(request.query).first("file").value_or("1");
  const auto number = parse_number(text);
  if (!number || *number < 1 || *number > 10'000) return std::unexpected(problem(400, "file must be a number from 1."));
  auto key = key_of(job, static_cast<std::size_t>(*number));
  if (key.empty()) return std::unexpected(problem(404, fmt::format("This job has {} files.", job.recordings.size())));
  const auto until = parse_until(request);
  if (!until) return std::unexpected(problem(400, "until must be a number of bytes from 1."));
  const auto size = context.recordings.size(key);
  if (size) return File{std::move(key), std::min(*size, *until), *size > *until, is_terminal(job.status) ? *size : 0};
  if (size.error().kind != ErrorKind::not_found) return std::unexpected(problem(size.error()));
  return std::unexpected(problem(404, "Nothing is recorded of this job.", hint(job, context)));
}

constexpr std::size_t kMaxName = 150;  // bytes; most file systems take 255

// At most `most` bytes, without half a character at the end.
std::string cut_utf8(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// A name that is safe on every system, in ASCII for old clients and in UTF-8 (RFC 6266) for all others.
std::string disposition(const Job& job, const std::string& key, bool download) {
  auto name = key.substr(key.rfind('/') + 1);
  if (!job.title.empty()) {
    const auto end = name.rfind('.');
    const auto suffix = end == std::string::npos ? std::string{} : name.substr(end);
    name = cut_utf8(job.title, kMaxName) + suffix;
  }
  std::string ascii, encoded;
  for (const char c : name) {
    ascii += is_plain(c) || c == ' ' ? c : '_';
    const bool forbidden = std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
    encoded += forbidden     ? std::string("_")
               : is_plain(c) ? std::string(1, c)
                             : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fmt::format("{}; filename=\"{}\"; filename*=UTF-8''{}", download ? "attachment" : "inline", ascii, encoded);
}

// A finished file changes by a repair only, and its size with it; a growing one has a new tag with each byte, and another once its head is final.
std::string file_etag(const Job& job, const File& file) {
  const bool final = is_terminal(job.status);
  return fmt::format("\"{:08x}-{:x}{}{}\"", fnv1a(file.key) & 0xffff'ffff, file.size, file.cut ? "-cut" : "",
                     final ? "" : "-growing");
}

Response ranged(const Request& request, const File& file, const std::string& etag, Headers headers) {
  const auto condition = trim(header(request, "if-range"));
  const bool applies = condition.empty() || condition == etag;
  const auto range = parse_range(applies ? header(request, "range") : std::string_view{}, file.size);
  if (std::holds_alternative<NotSatisfiable>(range)) {
    auto reply =
        problem(416, fmt::format("The file has {} bytes.", file.size), "Ask for a range that begins before that.");
    reply.headers["content-range"] = fmt::format("bytes */{}", file.size);
    return reply;
  }
  if (const auto* part = std::get_if<ByteRange>(&range)) {
    headers["content-range"] = fmt::format("bytes {}-{}/{}", part->offset, part->offset + part->length - 1, file.size);
    return {206, std::move(headers), RecordingRange{file.key, part->offset, part->length, file.whole}};
  }
  return {200, std::move(headers), RecordingRange{file.key, 0, file.size, file.whole}};
}

// The bytes go from the bucket to the client; whatever range was asked for is asked for there again. The link is for GET
// alone, so that HEAD is answered here.
Response redirect(const Context& context, const std::string& key, const std::string& disposition) {
  const auto link = context.recording_link(key, disposition);
  if (!link) return problem(link.error());
  return {302, {{"location", *link}, {"cache-control", "no-store"}}, std::string{}};
}

}  // namespace

Response get_recording(const Request& request, const Context& context, std::string_view id) {
  const auto job = context.jobs.get(id);
  if (!job && job.error().kind == ErrorKind::not_found)
    return problem(404, "There is no such job.", "GET /jobs lists all jobs.");
  if (!job) return problem(job.error());
  const auto file = find_file(request, context, *job);
  if (!file) return file.error();
  const auto download = Query(request.query).first("download").value_or("");
  const auto shown = disposition(*job, file->key, download == "1" || download == "true");
  if (context.recording_link && request.method == "GET") return redirect(context, file->key, shown);
  const auto etag = file_etag(*job, *file);
  Headers headers{{"accept-ranges", "bytes"},
                  {"cache-control", "private, no-cache"},
                  {"content-disposition", shown},
                  {"etag", etag}};
  if (matches_etag(header(request, "if-none-match"), etag)) return {304, std::move(headers), std::string{}};
  headers["content-type"] = "video/x-matroska";
  return ranged(request, *file, etag, std::move(headers));
}

}  // namespace aircheck::api
