#pragma once
// Signature version 4, as all of AWS and every S3-compatible server want it. Takes path and query decoded and encodes them
// once, for the wire and for the signature alike: what is sent is what was signed. Pure: time and credentials are handed in.
// Source: AWS Signature Version 4, "Create a signed AWS API request"; checked against botocore's signer.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace aircheck::aws {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;          // empty: long-lived keys
  std::optional<Instant> expires_at;  // nothing: never
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Where a signature is good.
struct Scope {
  std::string region;
  std::string service;  // the signing name: "s3", "dynamodb", "sqs", "ecs"
};

struct Signable {
  std::string method;
  std::string host;  // as it stands in the Host header, with a port that is not the scheme's own
  std::string path;  // decoded, begins with "/"
  Pairs query;       // decoded
  Pairs headers;     // to be sent and signed beside those that signing adds
  /// Lower-case SHA-256 of the body, or "UNSIGNED-PAYLOAD" (S3 over TLS only).
  std::string payload_hash;
};

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// All headers to send: the request's own, X-Amz-Date, X-Amz-Security-Token, for S3 X-Amz-Content-SHA256, Authorization.
/// Host is signed but left to the HTTP client.
Pairs sign(const Signable& request, const Credentials& credentials, const Scope& scope, Instant now);

/// Path and query of a URL that is good for `validity` (at most seven days) without further headers.
std::string presign(const Signable& request, const Credentials& credentials, const Scope& scope, Instant now,
                    seconds validity);

/// "/a/b%20c" and "a=1&b=%2F" (sorted) as they go over the wire.
std::string encode_path(std::string_view decoded);
std::string encode_query(Pairs query);

std::string sha256_hex(ByteView bytes);

}  // namespace aircheck::aws
