#include "net/transfer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/text.hpp"

namespace aircheck::net {
namespace {

// 128 KiB a read: fewer wake-ups than curl's 16 KiB, and larger ones only cost memory (measured). TLS hands out a record of
// 16 KiB at most, whatever the room.
constexpr long kReadBuffer = 128 * 1024, kTlsReadBuffer = 32 * 1024;
// Of a body to be sent: curl's 64 KiB mean twice the calls, and more than this only costs memory.
constexpr long kSendBuffer = 128 * 1024;
constexpr long kSlowestBytesPerSecond = 1024;
// OpenSSL's own, but with the cheapest on AES hardware first, not second: Google's servers follow the client's order.
constexpr char kTls13Ciphers[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

ErrorKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return ErrorKind::invalid_input;
    case CURLE_OPERATION_TIMEDOUT: return ErrorKind::timeout;
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING: return ErrorKind::corrupt;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return ErrorKind::unauthorized;
    default: return ErrorKind::unavailable;
  }
}

}  // namespace

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Transfer::Transfer(Easy easy, HttpRequest request, const HttpOptions& options, BufferPool& buffers, Traffic& traffic)
    : easy_(std::move(easy)), request_(std::move(request)), buffers_(buffers), traffic_(traffic) {
  set_target(options);
  set_limits();
  set_callbacks();
}

void Transfer::set_target(const HttpOptions& options) {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.proxy.empty()) curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());
  if (!options.no_proxy.empty()) curl_easy_setopt(easy, CURLOPT_NOPROXY, options.no_proxy.c_str());
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_TLS13_CIPHERS, kTls13Ciphers);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request_.max_redirects > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request_.max_redirects));
  // One segment after the other over kept connections: HTTP/2's framing would only cost CPU.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (request_.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  else if (request_.method != "GET") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  set_body();
  if (request_.range)
    curl_easy_setopt(
        easy, CURLOPT_RANGE,
        fmt::format("{}-{}", request_.range->offset, request_.range->offset + request_.range->length - 1).c_str());
  for (const auto& header : request_.headers) headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
  if (headers_) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::set_body() {
  CURL* const easy = easy_.get();
  if (!request_.borrowed_body.empty()) {
    std::size_t size = 0;
    for (const auto piece : request_.borrowed_body) size += piece.size();
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (request_.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    if (size > kSendBuffer) curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  } else if (!request_.body.empty() || request_.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
  }
}

void Transfer::set_limits() {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.total_timeout.count()));
  if (request_.stall_timeout.count() > 0) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerSecond);
    const auto whole = std::max<long>(1, static_cast<long>(request_.stall_timeout.count() / 1000));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, whole);
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, request_.url.starts_with("https:") ? kTlsReadBuffer : kReadBuffer);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}

void Transfer::set_callbacks() {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
}

std::size_t Transfer::on_read(char* to, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto& pieces = transfer.request_.borrowed_body;
  std::size_t taken = 0;
  while (taken < size * count && transfer.sent_piece_ < pieces.size()) {
    const auto rest = pieces[transfer.sent_piece_].substr(transfer.sent_);
    const auto length = rest.copy(to + taken, size * count - taken);
    taken += length;
    transfer.sent_ += length;
    if (length < rest.size()) break;
    ++transfer.sent_piece_;
    transfer.sent_ = 0;
  }
  transfer.traffic_.sent += taken;
  return taken;
}

// Only back to the start: a kept connection was closed meanwhile, or the server has sent us elsewhere.
int Transfer::on_seek(void* self, curl_off_t offset, int origin) {
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.sent_piece_ = transfer.sent_ = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take_body(std::as_bytes(std::span(data, size * count)));
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<Transfer*>(self)->take_header({data, size * count});
  return size * count;
}

std::size_t Transfer::take_body(ByteView data) {
  traffic_.received += data.size();
  auto& received = response_.body_bytes;
  if (received + data.size() > request_.max_bytes) {
    too_long_ = true;
    return 0;
  }
  if (request_.sink && (received == 0 || sunk_)) sunk_ = request_.sink->take(data, announced_);
  if (!sunk_) keep(data);
  received += data.size();
  return data.size();
}

void Transfer::keep(ByteView data) {
  auto& body = response_.body;
  if (body.empty()) {
    // One allocation of the right size; the bound keeps a lying header from taking memory that no body fills.
    const auto size = std::min(announced_, std::min<std::size_t>(request_.max_bytes, 16u << 20));
    body = buffers_.take(size);
    body.reserve(size);
  }
  body.insert(body.end(), data.begin(), data.end());
}

void Transfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // a redirect's headers end here
    response_.headers.clear();
    announced_ = 0;
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || response_.headers.size() >= 200) return;
  auto name = lower(trim(line.substr(0, colon)));
  const auto value = trim(line.substr(colon + 1));
  if (name == "content-length") std::from_chars(value.data(), value.data() + value.size(), announced_);
  response_.headers.emplace_back(std::move(name), value);
}

Error Transfer::transport_error(CURLcode code) const {
  if (too_long_) return {ErrorKind::corrupt, fmt::format("the answer is longer than {} bytes", request_.max_bytes)};
  const std::string_view text = message_[0] ? message_ : curl_easy_strerror(code);
  return {kind_of(code), std::string(text)};
}

Result<HttpResponse> Transfer::finish(CURLcode code) {
  constexpr long kProxyWantsCredentials = 407;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  answered_ = status != 0 && status != kProxyWantsCredentials;
  if (code != CURLE_OK) return std::unexpected(transport_error(code));
  response_.status = static_cast<int>(status);
  char* url = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_EFFECTIVE_URL, &url);
  response_.url = url ? url : request_.url;
  return std::move(response_);
}

Easy Transfer::release() {
  curl_easy_reset(easy_.get());
  return std::move(easy_);
}

}  // namespace aircheck::net
