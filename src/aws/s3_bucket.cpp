#include "aws/s3_bucket.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "aws/crc32c.hpp"
#include "aws/xml.hpp"

namespace aircheck::aws {
namespace {

constexpr std::size_t kLargestObject = 256u << 20;  // to be held in memory: a journal's chunk with the largest of tails
constexpr int kCompleteTries = 4;
constexpr milliseconds kCompleteLimit{120'000};

std::string unquoted(std::string_view etag) {
  std::string out;
  for (const char c : etag)
    if (c != '"') out += c;
  return out;
}

std::string complete_body(std::vector<UploadedPart>& parts) {
  std::ranges::sort(parts, {}, &UploadedPart::number);
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const auto& part : parts) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag>", part.number, xml_escape(part.etag));
    if (!part.crc.empty()) xml += fmt::format("<ChecksumCRC32C>{}</ChecksumCRC32C>", part.crc);
    xml += "</Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace

bool is_no_such_upload(const Error& error) { return error.message.find("NoSuchUpload") != std::string::npos; }

S3Bucket::S3Bucket(Client& client, BucketOptions options)
    : client_(client),
      options_(std::move(options)),
      path_style_(options_.path_style.value_or(client.has_custom_endpoint("s3") ||
                                               options_.bucket.find('.') != std::string::npos)) {}

std::string S3Bucket::full_key(std::string_view key) const {
  return options_.prefix.empty() ? std::string(key) : fmt::format("{}/{}", options_.prefix, key);
}

void S3Bucket::address(Call& call, std::string_view key) const {
  call.service = "s3";
  const auto endpoint = client_.endpoint("s3");
  if (path_style_) {
    call.endpoint = endpoint;
    call.path = fmt::format("/{}{}{}", options_.bucket, key.empty() ? "" : "/", key);
    return;
  }
  const auto host = endpoint.find("://") + 3;
  call.endpoint = endpoint.substr(0, host) + options_.bucket + "." + endpoint.substr(host);
  call.path = fmt::format("/{}", key);
}

Call S3Bucket::call(std::string method, std::string_view key) const {
  Call out{.method = std::move(method), .unsigned_payload = true};
  address(out, full_key(key));
  return out;
}

Call S3Bucket::bucket_call(Pairs query) const {
  Call out{.method = "GET", .query = std::move(query)};
  address(out, "");
  return out;
}

Result<std::string> S3Bucket::put(std::string_view key, const Pieces& body, const PutCondition& condition,
                                  std::stop_token stop) {
  auto call = this->call("PUT", key);
  call.headers = {{"Content-Type", key.ends_with(".mkv") ? "video/x-matroska" : "application/octet-stream"}};
  if (options_.checksums) call.headers.emplace_back("x-amz-checksum-crc32c", crc32c_base64(body));
  if (condition.only_new) call.headers.emplace_back("If-None-Match", "*");
  if (!condition.only_if_etag.empty()) call.headers.emplace_back("If-Match", "\"" + condition.only_if_etag + "\"");
  call.borrowed_body = body;
  call.attempt_timeout = milliseconds{0};
  call.stop = std::move(stop);
  const auto answer = TRY(client_.call(call));
  if (answer.ok()) return unquoted(answer.http.header("etag"));
  const bool conditional = condition.only_new || !condition.only_if_etag.empty();
  if (conditional && (answer.http.status == 409 || answer.http.status == 412 || answer.http.status == 404))
    if (answer.code != "NoSuchBucket") return fail(ErrorKind::conflict, to_error(answer).message);
  return wrap(to_error(answer), fmt::format("cannot put {}", key));
}

Result<StoredObject> S3Bucket::get(std::string_view key, std::stop_token stop) {
  auto call = this->call("GET", key);
  call.max_bytes = kLargestObject;
  call.attempt_timeout = milliseconds{0};
  call.stop = std::move(stop);
  auto answer = TRY(client_.succeed(call));
  return StoredObject{std::move(answer.http.body), unquoted(answer.http.header("etag"))};
}

Result<std::size_t> S3Bucket::read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) {
  if (out.empty()) return 0;
  auto call = this->call("GET", key);
  call.headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + out.size() - 1)}};
  call.max_bytes = std::max(out.size(), call.max_bytes);
  call.attempt_timeout = milliseconds{0};
  const auto answer = TRY(client_.call(call));
  if (answer.http.status == 416) return 0;
  if (!answer.ok()) return std::unexpected(to_error(answer));
  const auto& body = answer.http.body;
  if (answer.http.status != 206 && offset > 0)
    return fail(ErrorKind::unsupported, "the bucket's server knows no ranges");
  const auto count = std::min(body.size(), out.size());
  std::copy_n(body.begin(), count, out.begin());
  return count;
}

Result<std::uint64_t> S3Bucket::size(std::string_view key, std::stop_token stop) {
  auto call = this->call("HEAD", key);
  call.stop = std::move(stop);
  const auto answer = TRY(client_.succeed(call));
  const auto text = answer.http.header("content-length");
  std::uint64_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  return size;
}

Result<void> S3Bucket::remove(std::string_view key) {
  const auto answer = TRY(client_.call(call("DELETE", key)));
  if (answer.ok() || answer.code == "NoSuchKey") return {};
  return wrap(to_error(answer), fmt::format("cannot remove {}", key));
}

Result<std::vector<std::string>> S3Bucket::list(std::string_view begin) {
  std::vector<std::string> keys;
  std::string token;
  for (;;) {
    Pairs query{{"list-type", "2"}, {"prefix", full_key(begin)}};
    if (!token.empty()) query.emplace_back("continuation-token", token);
    const auto answer = TRY(client_.succeed(bucket_call(std::move(query))));
    for (auto& entry : xml_records(answer.text(), "Contents")) {
      const auto& key = entry["Key"];
      const auto skip = options_.prefix.empty() ? 0 : options_.prefix.size() + 1;
      if (key.size() > skip) keys.push_back(key.substr(skip));
    }
    token = xml_text(answer.text(), "NextContinuationToken").value_or("");
    if (token.empty()) return keys;
  }
}

Result<std::string> S3Bucket::create_upload(std::string_view key, std::stop_token stop) {
  auto call = this->call("POST", key);
  call.query = {{"uploads", ""}};
  call.headers = {{"Content-Type", "video/x-matroska"}};
  if (options_.checksums) call.headers.emplace_back("x-amz-checksum-algorithm", "CRC32C");
  call.stop = std::move(stop);
  const auto answer = TRY(client_.succeed(call));
  auto id = xml_text(answer.text(), "UploadId").value_or("");
  if (id.empty()) return fail(ErrorKind::corrupt, "the bucket's server gave no upload id");
  // An attempt whose answer was lost may have begun another one, which would be paid for without an end.
  if (answer.attempts > 1)
    for (const auto& other : TRY(uploads_of(key, call.stop)))
      if (other != id) TRY(abort_upload(key, other, call.stop));
  return id;
}

Result<UploadedPart> S3Bucket::upload_part(std::string_view key, std::string_view upload, int number,
                                           const Pieces& body, std::stop_token stop) {
  auto call = this->call("PUT", key);
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", std::string(upload)}};
  UploadedPart part{.number = number, .size = size_of(body), .etag = {}, .crc = {}};
  if (options_.checksums) {
    part.crc = crc32c_base64(body);
    call.headers = {{"x-amz-checksum-crc32c", part.crc}};
  }
  call.borrowed_body = body;
  call.attempt_timeout = milliseconds{0};
  call.stop = std::move(stop);
  const auto answer = TRY(client_.succeed(call));
  part.etag = unquoted(answer.http.header("etag"));
  return part;
}

// S3 may answer 200 and tell of an error in the body, once it has begun to stitch.
Result<void> S3Bucket::complete_upload(std::string_view key, std::string_view upload, std::vector<UploadedPart> parts,
                                       std::stop_token stop) {
  auto call = this->call("POST", key);
  call.query = {{"uploadId", std::string(upload)}};
  call.headers = {{"Content-Type", "application/xml"}};
  call.body = complete_body(parts);
  call.attempt_timeout = kCompleteLimit;
  call.stall_timeout = milliseconds{0};
  call.stop = std::move(stop);
  Error last;
  for (int i = 0; i < kCompleteTries; ++i) {
    const auto answer = TRY(client_.succeed(call));
    if (!xml_text(answer.text(), "Error")) return {};
    last = {ErrorKind::unavailable, xml_text(answer.text(), "Code").value_or("an error in a success")};
  }
  return std::unexpected(last);
}

Result<void> S3Bucket::abort_upload(std::string_view key, std::string_view upload, std::stop_token stop) {
  auto call = this->call("DELETE", key);
  call.query = {{"uploadId", std::string(upload)}};
  call.stop = std::move(stop);
  const auto answer = TRY(client_.call(call));
  if (answer.ok() || answer.code == "NoSuchUpload" || answer.http.status == 404) return {};
  return wrap(to_error(answer), "cannot abort an upload");
}

Result<std::vector<std::string>> S3Bucket::uploads_of(std::string_view key, std::stop_token stop) {
  auto call = bucket_call({{"uploads", ""}, {"prefix", full_key(key)}});
  call.stop = std::move(stop);
  const auto answer = TRY(client_.succeed(call));
  std::vector<std::string> ids;
  for (auto& upload : xml_records(answer.text(), "Upload"))
    if (upload["Key"] == full_key(key)) ids.push_back(upload["UploadId"]);
  return ids;
}

Result<std::string> S3Bucket::presign(std::string_view key, seconds validity, std::string_view disposition) {
  auto call = this->call("GET", key);
  if (!disposition.empty()) call.query = {{"response-content-disposition", std::string(disposition)}};
  return client_.presign(call, validity);
}

std::string S3Bucket::origin() const {
  const auto endpoint = call("GET", "").endpoint;
  return endpoint.substr(0, endpoint.find('/', endpoint.find("://") + 3));
}

}  // namespace aircheck::aws
