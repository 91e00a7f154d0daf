#include "capture/opener.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "base/log.hpp"
#include "media/packed_audio.hpp"
#include "media/sniff.hpp"

namespace aircheck::capture {
namespace {

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* bytes_of(ByteView view) { return reinterpret_cast<const unsigned char*>(view.data()); }

// AES-128-CBC with PKCS#7 padding (RFC 8216 §4.3.2.4), in place: CBC decrypts a block only from itself and the one before.
Result<void> decrypt_aes128(Bytes& body, ByteView key, ByteView iv) {
  if (key.size() != 16) return fail(ErrorKind::corrupt, fmt::format("the key has {} bytes instead of 16", key.size()));
  const std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context(EVP_CIPHER_CTX_new());
  auto* const data = reinterpret_cast<unsigned char*>(body.data());
  int length = 0, tail = 0;
  const bool fine = EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytes_of(key), bytes_of(iv)) == 1 &&
                    EVP_DecryptUpdate(context.get(), data, &length, data, static_cast<int>(body.size())) == 1 &&
                    EVP_DecryptFinal_ex(context.get(), data + length, &tail) == 1;
  if (!fine) return fail(ErrorKind::corrupt, "the segment cannot be decrypted with its key");
  body.resize(static_cast<std::size_t>(length) + static_cast<std::size_t>(tail));
  return {};
}

// What the main track (video where there is one) covers: from its first to its last frame, that one's length included.
void measure(Opened& opened) {
  nanoseconds first{0}, last{0};
  std::int64_t count = 0;
  for (const auto& packet : opened.media.packets) {
    if (packet.track != 0) continue;
    if (count++ == 0) first = packet.dts;
    last = packet.dts;
  }
  if (count < 2) return;
  opened.frame = (last - first) / (count - 1);
  opened.span = last - first + opened.frame;
}

std::optional<net::Range> to_range(const std::optional<media::ByteRange>& range) {
  if (!range) return {};
  return net::Range{range->offset, range->length};
}

}  // namespace

void Opener::restore(std::string_view state) {
  if (auto ts = media::TsState::from_text(state)) ts_ = std::move(*ts);
}

std::string Opener::state() const { return ts_.to_text(); }

void Opener::reset() { ts_ = {}; }

void Opener::undo() { ts_ = before_; }

Result<std::optional<Opened>> Opener::open(const media::MediaSegment& segment, Body& body,
                                           const std::vector<std::string>& headers, milliseconds patience) {
  if (!TRY(load_init(segment, headers, patience))) return std::optional<Opened>{};
  if (!TRY(decrypt(segment, body, headers, patience))) return std::optional<Opened>{};
  before_ = ts_;
  auto opened = TRY(demux(body));
  measure(opened);
  return std::optional<Opened>(std::move(opened));
}

Result<bool> Opener::decrypt(const media::MediaSegment& segment, Body& body, const std::vector<std::string>& headers,
                             milliseconds patience) {
  if (body.plain || body.ts || !segment.key || segment.key->method == media::SegmentKey::Method::none) return true;
  if (segment.key->method != media::SegmentKey::Method::aes128)
    return fail(ErrorKind::unsupported, "the segments are encrypted in a way that only players with DRM can read");
  auto found = resources_.look({segment.key->uri, {}}, headers, patience);
  if (!found) return wrap(found.error(), "the key of an encrypted segment cannot be had");
  if (!*found) return false;
  const auto iv = media::effective_iv(segment);
  TRY(decrypt_aes128(body.bytes, **found, iv));
  body.plain = true;
  return true;
}

Result<bool> Opener::load_init(const media::MediaSegment& segment, const std::vector<std::string>& headers,
                               milliseconds patience) {
  if (!segment.init) return true;
  const Resources::Wanted wanted{segment.init->uri, to_range(segment.init->range)};
  if (init_ && init_key_ == wanted.key()) return true;
  auto found = resources_.look(wanted, headers, patience);
  if (!found) return wrap(found.error(), "the init section cannot be had");
  if (!*found) return false;
  init_ = TRY(media::parse_fmp4_init(**found));
  init_key_ = wanted.key();
  return true;
}

Result<Opened> Opener::demux(Body& body) {
  if (body.ts) return finish_ts(*std::exchange(body.ts, nullptr));
  auto& bytes = body.bytes;
  switch (media::sniff(bytes)) {
    case media::Container::ts: {
      media::TsUnpacker ts(bytes.size());
      ts.push(bytes);
      return finish_ts(ts);
    }
    case media::Container::fmp4: return demux_fragment(bytes);
    case media::Container::webm: return demux_clusters(bytes);
    case media::Container::packed_audio: {
      Opened opened;
      opened.media = TRY(media::demux_packed_audio(bytes, ts_));
      opened.raw = std::move(bytes);
      return opened;
    }
    case media::Container::html: return fail(ErrorKind::corrupt, "the segment is an HTML page");
    default: return fail(ErrorKind::corrupt, "the segment is in no format that we know");
  }
}

Result<Opened> Opener::finish_ts(media::TsUnpacker& ts) {
  Opened opened;
  opened.media = TRY(ts.finish(ts_));
  opened.damage = ts_.damage;
  for (const auto& words : ts_.left_out)
    if (told_.insert(words).second) log::warn("not recorded: {}", words);
  return opened;
}

Result<Opened> Opener::demux_fragment(Bytes& body) {
  if (!init_) init_ = TRY(media::parse_fmp4_init(body));  // a fragment that brings its own header
  Opened opened;
  opened.media = TRY(media::demux_fmp4(*init_, body));
  opened.raw = std::move(body);  // its bytes stay where they are
  return opened;
}

Result<Opened> Opener::demux_clusters(Bytes& body) {
  if (!webm_) webm_ = TRY(media::parse_webm_init(body));
  Opened opened;
  opened.media = TRY(media::demux_webm(*webm_, body));
  opened.raw = std::move(body);
  return opened;
}

}  // namespace aircheck::capture
