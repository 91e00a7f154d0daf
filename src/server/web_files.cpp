#include "server/web_files.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "api/query.hpp"
#include "api/range.hpp"
#include "api/reply.hpp"
#include "server/packing.hpp"

namespace aircheck::server {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFile = 64 << 20;  // a dashboard's file is never larger

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
}};

std::string_view type_of(const fs::path& file) {
  const auto extension = file.extension().string();
  for (const auto& [ending, type] : kTypes)
    if (ending == extension) return type;
  return "application/octet-stream";
}

// Relative and without "..", hidden files, backslashes or control characters; nothing for any other.
std::optional<std::string> safe_path(std::string_view path) {
  const auto decoded = api::percent_decode(path);
  if (!decoded || !decoded->starts_with('/')) return {};
  for (const char c : *decoded)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7f) return {};
  std::string safe;
  for (const auto part : api::split(*decoded, '/')) {
    if (part.starts_with('.')) return {};
    safe.append(safe.empty() ? "" : "/").append(part);
  }
  return safe;
}

// Symbolic links may point anywhere; only what they lead to counts.
bool is_inside(const fs::path& root, const fs::path& file) {
  std::error_code error;
  const auto whole_root = fs::canonical(root, error), whole_file = fs::canonical(file, error);
  if (error) return false;
  const auto relative = whole_file.lexically_relative(whole_root);
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<fs::path> find_file(const std::string& root, const std::string& path) {
  for (const auto& name : {path, path.empty() ? std::string("index.html") : path + ".html", path + "/index.html"}) {
    auto file = fs::path(root) / name;
    std::error_code error;
    if (fs::is_regular_file(file, error) && is_inside(root, file)) return file;
  }
  return {};
}

std::optional<std::string> read_file(const fs::path& file) {
  std::error_code error;
  if (fs::file_size(file, error) > kMaxFile || error) return {};
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return {};
  return text;
}

bool is_hashed_name(std::string_view path) { return path.find("_next/static/") != std::string_view::npos; }

api::Headers security_headers() {
  return {{"x-content-type-options", "nosniff"},
          {"x-frame-options", "DENY"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"cross-origin-resource-policy", "same-origin"},
          {"permissions-policy", "camera=(), microphone=(), geolocation=()"}};
}

// `packed`: the same text by gzip, where the build has left that.
api::Response file_reply(const api::Request& request, std::string_view type, std::string text, bool immutable,
                         std::string_view media_origin, std::optional<std::string> packed = {}) {
  auto headers = security_headers();
  headers["content-type"] = type;
  headers["cache-control"] = immutable ? "public, max-age=31536000, immutable" : "no-cache";
  if (type.starts_with("text/html")) headers["content-security-policy"] = page_policy(text, media_origin);
  if (packed) {
    headers["vary"] = "Accept-Encoding";
    if (takes_gzip(request)) {
      headers["content-encoding"] = "gzip";
      text = std::move(*packed);
    }
  }
  auto etag = api::etag_of(text);
  return api::with_etag({200, std::move(headers), std::move(text)}, std::move(etag), request);
}

std::string sha256_base64(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 64> encoded{};
  const auto length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

// " 'sha256-…'" of each script that stands in the page itself.
std::string script_hashes(std::string_view html) {
  std::string hashes;
  for (std::size_t at = 0; (at = html.find("<script", at)) != std::string_view::npos;) {
    const auto begin = html.find('>', at);
    if (begin == std::string_view::npos) break;
    const auto end = html.find("</script", begin);
    if (end == std::string_view::npos) break;
    if (end > begin + 1) hashes += " 'sha256-" + sha256_base64(html.substr(begin + 1, end - begin - 1)) + "'";
    at = end;
  }
  return hashes;
}

}  // namespace

std::string page_policy(std::string_view html, std::string_view media_origin) {
  return fmt::format(
      "default-src 'none'; script-src 'self'{}; style-src 'self'; img-src 'self' data:; media-src 'self' blob:{}{}; "
      "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
      "frame-ancestors 'none'",
      script_hashes(html), media_origin.empty() ? "" : " ", media_origin);
}

api::Response WebFiles::answer(const api::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    auto reply = api::problem(405, "Pages can only be read.");
    reply.headers["allow"] = "GET, HEAD";
    return reply;
  }
  const auto path = safe_path(request.path);
  if (!path) return api::problem(404, "There is nothing at this address.");
  if (!root_.empty()) return from_folder(request, *path);
  const auto* file = find_builtin(*path);
  if (!file) return api::problem(404, "There is nothing at this address.", "The page is at /, the API under /api.");
  return file_reply(request, file->type, std::string(file->text), false, media_origin_);
}

api::Response WebFiles::from_folder(const api::Request& request, const std::string& path) const {
  const auto file = find_file(root_, path);
  auto text = file ? read_file(*file) : std::nullopt;
  if (text) {
    const auto packed = fs::path(*file).concat(".gz");
    return file_reply(request, type_of(*file), std::move(*text), is_hashed_name(path), media_origin_,
                      is_inside(root_, packed) ? read_file(packed) : std::nullopt);
  }
  text = read_file(fs::path(root_) / "404.html");
  if (!text) return api::problem(404, "There is nothing at this address.");
  auto reply = file_reply({}, "text/html; charset=utf-8", std::move(*text), false, media_origin_);
  reply.status = 404;
  reply.headers.erase("etag");
  return reply;
}

}  // namespace aircheck::server
