#include "aws/sigv4.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/uri.hpp"

namespace aircheck::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
using Digest = std::array<std::byte, 32>;

std::string hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += digits[std::to_integer<std::size_t>(byte >> 4)];
    out += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return out;
}

Digest hmac(ByteView key, std::string_view text) {
  Digest out;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

// S3 signs the path as it is sent; every other service signs it normalised and encoded once more.
std::string canonical_path(const Signable& request, const Scope& scope) {
  const auto sent = encode_path(request.path);
  return scope.service == "s3" ? sent : encode_path(sent);
}

// Without blanks at its ends, and runs of them as one.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

struct CanonicalHeaders {
  std::string lines;         // "name:value\n" each
  std::string signed_names;  // "a;b;c"
};

CanonicalHeaders canonical_headers(const Signable& request) {
  Pairs headers{{"host", request.host}};
  for (const auto& [name, value] : request.headers) headers.emplace_back(lower(name), canonical_value(value));
  std::ranges::sort(headers);
  CanonicalHeaders out;
  for (const auto& [name, value] : headers) {
    out.lines += fmt::format("{}:{}\n", name, value);
    out.signed_names += (out.signed_names.empty() ? "" : ";") + name;
  }
  return out;
}

// "20261123T080211Z" and its first eight characters.
std::string compact_time(Instant now) {
  std::string out;
  for (const char c : to_rfc3339(now).substr(0, 19))
    if (c != '-' && c != ':') out += c;
  return out + "Z";
}

std::string credential_scope(const Scope& scope, std::string_view time) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string signature(const Signable& request, const CanonicalHeaders& headers, const Credentials& credentials,
                      const Scope& scope, std::string_view time) {
  const auto canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request, scope), encode_query(request.query),
                  headers.lines, headers.signed_names, request.payload_hash);
  const auto to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, credential_scope(scope, time), sha256_hex(as_bytes(canonical)));
  const auto day = hmac(as_bytes("AWS4" + credentials.secret_key), time.substr(0, 8));
  const auto key = hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
  return hex(hmac(key, to_sign));
}

}  // namespace

std::string sha256_hex(ByteView bytes) {
  Digest digest;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
             nullptr);
  return hex(digest);
}

std::string encode_path(std::string_view decoded) { return percent_encode(decoded, "/"); }

std::string encode_query(Pairs query) {
  for (auto& [name, value] : query) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::ranges::sort(query);
  std::string out;
  for (const auto& [name, value] : query) out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

Pairs sign(const Signable& request, const Credentials& credentials, const Scope& scope, Instant now) {
  const auto time = compact_time(now);
  auto all = request;
  all.headers.emplace_back("X-Amz-Date", time);
  if (scope.service == "s3") all.headers.emplace_back("X-Amz-Content-SHA256", request.payload_hash);
  if (!credentials.session_token.empty()) all.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  const auto headers = canonical_headers(all);
  all.headers.emplace_back("Authorization",
                           fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                       credentials.access_key, credential_scope(scope, time), headers.signed_names,
                                       signature(all, headers, credentials, scope, time)));
  return std::move(all.headers);
}

std::string presign(const Signable& request, const Credentials& credentials, const Scope& scope, Instant now,
                    seconds validity) {
  const auto time = compact_time(now);
  auto all = request;
  all.payload_hash = kUnsignedPayload;
  const auto headers = canonical_headers(all);
  all.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  all.query.emplace_back("X-Amz-Credential", credentials.access_key + "/" + credential_scope(scope, time));
  all.query.emplace_back("X-Amz-Date", time);
  all.query.emplace_back("X-Amz-Expires", std::to_string(validity.count()));
  all.query.emplace_back("X-Amz-SignedHeaders", headers.signed_names);
  if (!credentials.session_token.empty()) all.query.emplace_back("X-Amz-Security-Token", credentials.session_token);
  const auto proof = signature(all, headers, credentials, scope, time);
  return fmt::format("{}?{}&X-Amz-Signature={}", encode_path(all.path), encode_query(all.query), proof);
}

}  // namespace aircheck::aws
