#pragma once
// The calls to S3 that a recording needs, on one bucket and prefix; any server that speaks S3 will do. Thread-safe.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "aws/part_buffer.hpp"

namespace aircheck::aws {

struct BucketOptions {
  std::string bucket;
  std::string prefix;              // before every key, without a slash at its end; may be empty
  std::optional<bool> path_style;  // nothing: where the endpoint is not AWS's own, or the name has a dot
  bool checksums = true;           // CRC-32C with every part
};

struct UploadedPart {
  int number = 0;
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  std::string crc;   // base 64; empty: none
  bool operator==(const UploadedPart&) const = default;
};

/// When a put may replace what is there.
struct PutCondition {
  bool only_new = false;
  std::string only_if_etag;
};

struct StoredObject {
  Bytes body;
  std::string etag;
};

class S3Bucket {
 public:
  /// Borrows the client.
  S3Bucket(Client& client, BucketOptions options);

  /// The pieces as one object. The new etag; `conflict` when the condition does not hold.
  Result<std::string> put(std::string_view key, const Pieces& body, const PutCondition& condition = {},
                          std::stop_token stop = {});
  Result<StoredObject> get(std::string_view key, std::stop_token stop = {});
  /// Fewer bytes at the end, none behind it.
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out);
  Result<std::uint64_t> size(std::string_view key, std::stop_token stop = {});
  /// Fine when there is none.
  Result<void> remove(std::string_view key);
  /// Keys that begin so, without the bucket's prefix.
  Result<std::vector<std::string>> list(std::string_view begin);

  /// There must be one writer only: a lost answer's upload of the same key is ended.
  Result<std::string> create_upload(std::string_view key, std::stop_token stop = {});
  Result<UploadedPart> upload_part(std::string_view key, std::string_view upload, int number, const Pieces& body,
                                   std::stop_token stop = {});
  Result<void> complete_upload(std::string_view key, std::string_view upload, std::vector<UploadedPart> parts,
                               std::stop_token stop = {});
  /// Fine when there is none.
  Result<void> abort_upload(std::string_view key, std::string_view upload, std::stop_token stop = {});
  /// Ids of the unfinished uploads of exactly this key.
  Result<std::vector<std::string>> uploads_of(std::string_view key, std::stop_token stop = {});

  /// A URL that anyone may GET for `validity`, answered with this Content-Disposition if it is not empty.
  Result<std::string> presign(std::string_view key, seconds validity, std::string_view disposition = {});
  /// Where those URLs lead: "https://host[:port]".
  std::string origin() const;
  /// See ClientOptions.
  bool given_up() const { return client_.given_up(); }

 private:
  std::string full_key(std::string_view key) const;
  Call call(std::string method, std::string_view key) const;
  Call bucket_call(Pairs query) const;
  void address(Call& call, std::string_view key) const;

  Client& client_;
  BucketOptions options_;
  bool path_style_;
};

/// The upload is unknown: completed already, or aborted by somebody else.
bool is_no_such_upload(const Error& error);

}  // namespace aircheck::aws
