#include "server/packing.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>
#include <cstdint>

#include "api/query.hpp"

namespace aircheck::server {
namespace {

namespace zlib = boost::beast::zlib;

constexpr std::size_t kLeast = 1'000;  // bytes; less fits into one packet anyway

void append_little_endian(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

bool gets_smaller(const api::Headers& headers) {
  const auto type = headers.find("content-type");
  if (type == headers.end() || headers.contains("content-encoding")) return false;
  constexpr std::array<std::string_view, 5> kTexts{"application/json", "application/problem+json", "text/html",
                                                   "text/css", "text/javascript"};
  return std::ranges::any_of(kTexts, [&](std::string_view text) { return type->second.starts_with(text); });
}

}  // namespace

bool takes_gzip(const api::Request& request) {
  const auto found = request.headers.find("accept-encoding");
  if (found == request.headers.end()) return false;
  for (const auto coding : api::split(found->second, ','))
    if (coding == "gzip" || (coding.starts_with("gzip;") && !coding.ends_with("q=0"))) return true;
  return false;
}

std::string gzip(std::string_view text) {
  zlib::deflate_stream deflate;
  std::string out{'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};  // no name, no time, no system
  const auto head = out.size();
  out.resize(head + deflate.upper_bound(text.size()));
  zlib::z_params params;
  params.next_in = text.data();
  params.avail_in = text.size();
  params.next_out = out.data() + head;
  params.avail_out = out.size() - head;
  boost::system::error_code end;  // says no more than that the stream has its end
  deflate.write(params, zlib::Flush::finish, end);
  out.resize(head + params.total_out);
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  append_little_endian(out, static_cast<std::uint32_t>(crc.checksum()));
  append_little_endian(out, static_cast<std::uint32_t>(text.size()));
  return out;
}

void pack(const api::Request& request, api::Response& reply) {
  auto* text = std::get_if<std::string>(&reply.body);
  if (!text || text->size() < kLeast || !gets_smaller(reply.headers)) return;
  auto& vary = reply.headers["vary"];
  if (vary.find("Accept-Encoding") == std::string::npos) vary += vary.empty() ? "Accept-Encoding" : ", Accept-Encoding";
  if (!takes_gzip(request)) return;
  *text = gzip(*text);
  reply.headers["content-encoding"] = "gzip";
  if (const auto tag = reply.headers.find("etag"); tag != reply.headers.end() && !tag->second.starts_with("W/"))
    tag->second.insert(0, "W/");
}

}  // namespace aircheck::server
