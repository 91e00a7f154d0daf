#include "media/playlist.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "base/uri.hpp"
#include "media/playlist_attributes.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kMostSegments = 200'000;
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

// Why the text is no playlist, as plainly as can be told from its beginning.
std::unexpected<Error> not_a_playlist(std::string_view text) {
  const auto start = trim(text.substr(0, 1024));
  if (start.empty()) return fail(ErrorKind::corrupt, "the playlist is empty");
  if (start.starts_with('<'))
    return fail(ErrorKind::corrupt,
                start.find("<MPD") != std::string_view::npos
                    ? "this is a DASH manifest, not an HLS playlist"
                    : "this is an HTML page, not a playlist: the address is wrong, or the origin wants a login");
  if (start.starts_with('{') || start.starts_with('['))
    return fail(ErrorKind::corrupt, "this is JSON, not a playlist: the origin may have answered with an error");
  return fail(ErrorKind::corrupt, "this is not a playlist: it does not begin with #EXTM3U");
}

bool begins_with_tag(std::string_view text, std::string_view tag) {
  if (!text.starts_with(tag)) return false;
  return text.size() == tag.size() || text[tag.size()] == ':';
}

class Parser {
 public:
  Parser(std::string_view base, const SegmentRange& wanted) : base_(base), wanted_(wanted) {}

  Result<void> line(std::string_view text);
  Result<Playlist> finish();

 private:
  Result<void> tag(std::string_view name, std::string_view value);
  Result<void> media_tag(std::string_view name, std::string_view value);
  Result<void> playlist_tag(std::string_view name, std::string_view value);
  Result<void> master_tag(std::string_view name, std::string_view value);
  Result<void> segment_uri(std::string_view uri);
  void pass_over(const MediaSegment& segment, std::uint64_t sequence);
  Result<void> variant_uri(std::string_view uri);
  Result<void> key(const AttributeList& attributes);
  Result<void> map(const AttributeList& attributes);
  Result<void> rendition(const AttributeList& attributes);
  Result<ByteRange> byte_range(std::string_view text, std::optional<std::uint64_t> next) const;
  void number();

  std::string_view base_;
  SegmentRange wanted_;
  MediaPlaylist media_;
  MasterPlaylist master_;
  bool is_media_ = false, has_target_ = false;
  std::uint64_t listed_ = 0;                                 // segments, wanted or not
  std::uint64_t counted_from_ = 0;                           // the first one's number, as far as was said above it
  std::uint64_t skipped_ = 0, skipped_discontinuities_ = 0;  // below those wanted
  nanoseconds longest_{0};
  // What the coming segment or variant has said of itself so far.
  MediaSegment next_;
  bool has_duration_ = false;
  std::optional<std::string_view> range_text_;
  std::optional<Variant> variant_;
  // The end of the last byte range, which one without an offset continues (RFC 8216 §4.3.2.2).
  std::string range_uri_;
  std::uint64_t range_end_ = 0;
};

Result<void> Parser::line(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] != '#') return variant_ ? variant_uri(text) : segment_uri(text);
  if (!text.starts_with("#EXT")) return {};
  const auto colon = std::min(text.find(':'), text.size());
  return tag(text.substr(1, colon - 1), trim(text.substr(std::min(colon + 1, text.size()))));
}

Result<void> Parser::tag(std::string_view name, std::string_view value) {
  if (name == "EXT-X-STREAM-INF" || name == "EXT-X-MEDIA") return master_tag(name, value);
  if (name == "EXT-X-INDEPENDENT-SEGMENTS") media_.independent_segments = true;
  else if (name == "EXTINF" || name == "EXT-X-TARGETDURATION" || name == "EXT-X-MEDIA-SEQUENCE") is_media_ = true;
  if (name == "EXT-X-TARGETDURATION" || name == "EXT-X-MEDIA-SEQUENCE" || name == "EXT-X-DISCONTINUITY-SEQUENCE" ||
      name == "EXT-X-PLAYLIST-TYPE")
    return playlist_tag(name, value);
  return media_tag(name, value);
}

Result<void> Parser::playlist_tag(std::string_view name, std::string_view value) {
  if (name == "EXT-X-PLAYLIST-TYPE") {
    if (value == "VOD") media_.type = MediaPlaylist::Type::vod;
    if (value == "EVENT") media_.type = MediaPlaylist::Type::event;
    return {};
  }
  if (name == "EXT-X-TARGETDURATION") {
    const auto target = decimal_seconds(value);  // an integer by the RFC; some origins write a fraction
    if (!target) return fail(ErrorKind::corrupt, "the playlist's target duration is not a number");
    media_.target_duration = *target;
    has_target_ = true;
    return {};
  }
  const auto number = decimal_integer(value);
  // Twice the most segments fit above, so that numbering them cannot overflow.
  if (!number || *number > UINT64_MAX - 2 * kMostSegments)
    return fail(ErrorKind::corrupt, fmt::format("the playlist's {} is not a number", name));
  (name == "EXT-X-MEDIA-SEQUENCE" ? media_.media_sequence : media_.discontinuity_sequence) = *number;
  return {};
}

Result<void> Parser::media_tag(std::string_view name, std::string_view value) {
  if (name == "EXTINF") {
    const auto duration = decimal_seconds(trim(value.substr(0, value.find(','))));
    if (!duration) return fail(ErrorKind::corrupt, "a segment's duration in the playlist is not a number");
    next_.duration = *duration;
    has_duration_ = true;
  } else if (name == "EXT-X-BYTERANGE") {
    range_text_ = value;
  } else if (name == "EXT-X-DISCONTINUITY") {
    next_.discontinuity = true;
  } else if (name == "EXT-X-GAP") {
    next_.gap = true;
  } else if (name == "EXT-X-PROGRAM-DATE-TIME") {
    next_.program_date_time = from_rfc3339(value);
  } else if (name == "EXT-X-KEY") {
    return key(AttributeList(value));
  } else if (name == "EXT-X-MAP") {
    return map(AttributeList(value));
  } else if (name == "EXT-X-ENDLIST") {
    media_.ended = true;
  }
  return {};
}

Result<void> Parser::key(const AttributeList& attributes) {
  // With several keys for one segment (DRM systems side by side) the one that we can use counts.
  const auto format = attributes.find("KEYFORMAT").value_or("identity");
  const auto method = attributes.get("METHOD");
  if (method == "NONE") {
    next_.key.reset();
    return {};
  }
  SegmentKey key;
  key.method =
      method == "AES-128" && format == "identity" ? SegmentKey::Method::aes128 : SegmentKey::Method::unsupported;
  if (key.method == SegmentKey::Method::aes128) {
    const auto uri = attributes.get("URI");
    if (uri.empty()) return fail(ErrorKind::corrupt, "the playlist names an encryption key without its address");
    key.uri = TRY(resolve_uri(base_, uri));
    if (const auto iv = attributes.find("IV")) {
      key.iv = hexadecimal_128(*iv);
      if (!key.iv) return fail(ErrorKind::corrupt, "the playlist's initialisation vector is not a 128-bit number");
    }
  }
  next_.key = std::move(key);
  return {};
}

Result<void> Parser::map(const AttributeList& attributes) {
  const auto uri = attributes.get("URI");
  if (uri.empty()) return fail(ErrorKind::corrupt, "the playlist names an init section without its address");
  InitSection init;
  init.uri = TRY(resolve_uri(base_, uri));
  if (const auto range = attributes.find("BYTERANGE")) init.range = TRY(byte_range(*range, 0));
  next_.init = std::move(init);
  return {};
}

Result<ByteRange> Parser::byte_range(std::string_view text, std::optional<std::uint64_t> next) const {
  const auto at = std::min(text.find('@'), text.size());
  const auto length = decimal_integer(text.substr(0, at));
  const auto offset = at < text.size() ? decimal_integer(text.substr(at + 1)) : next;
  if (!length || !offset || *length == 0 || *offset > UINT64_MAX - *length)
    return fail(ErrorKind::corrupt, fmt::format("the playlist has a byte range that is none: {}", text.substr(0, 60)));
  return ByteRange{*offset, *length};
}

Result<void> Parser::segment_uri(std::string_view uri) {
  // A line without EXTINF is no segment by the RFC; whoever writes one means a file of unknown length in a plain m3u.
  if (!has_duration_) return fail(ErrorKind::corrupt, "the playlist lists a segment without its duration (EXTINF)");
  if (listed_ >= kMostSegments)
    return fail(ErrorKind::unsupported, fmt::format("the playlist has more than {} segments", kMostSegments));
  if (listed_ == 0) counted_from_ = media_.media_sequence;
  const auto sequence = counted_from_ + listed_++;
  const bool wanted = sequence >= wanted_.from && media_.segments.size() < wanted_.most;
  longest_ = std::max(longest_, next_.duration);
  if (wanted || range_text_) next_.uri = TRY(resolve_uri(base_, uri));
  if (range_text_) {
    const bool same = !range_uri_.empty() && range_uri_ == next_.uri;
    next_.range = TRY(byte_range(*range_text_, same ? std::optional(range_end_) : std::nullopt));
    range_end_ = next_.range->offset + next_.range->length;
    range_uri_ = next_.uri;
  }
  // Keys, init sections and the date hold on; all else is the segment's own.
  MediaSegment following;
  following.init = wanted ? next_.init : std::move(next_.init);
  following.key = wanted ? next_.key : std::move(next_.key);
  if (next_.program_date_time)
    following.program_date_time = *next_.program_date_time + std::chrono::round<milliseconds>(next_.duration);
  if (wanted) media_.segments.push_back(std::move(next_));
  else pass_over(next_, sequence);
  next_ = std::move(following);
  has_duration_ = false;
  range_text_.reset();
  return {};
}

void Parser::pass_over(const MediaSegment& segment, std::uint64_t sequence) {
  if (sequence >= wanted_.from) {
    media_.more = true;
    media_.beyond += segment.duration;
    return;
  }
  ++skipped_;
  if (segment.discontinuity) ++skipped_discontinuities_;
}

Result<void> Parser::master_tag(std::string_view name, std::string_view value) {
  const AttributeList attributes(value);
  if (name == "EXT-X-MEDIA") return rendition(attributes);
  Variant variant;
  variant.bandwidth = attributes.integer("BANDWIDTH");
  variant.average_bandwidth = attributes.integer("AVERAGE-BANDWIDTH");
  const auto resolution = attributes.get("RESOLUTION");
  if (const auto x = resolution.find('x'); x != std::string_view::npos) {
    const auto dimension = [](std::string_view text) {
      return static_cast<std::uint32_t>(std::min<std::uint64_t>(decimal_integer(text).value_or(0), UINT16_MAX));
    };
    variant.width = dimension(resolution.substr(0, x));
    variant.height = dimension(resolution.substr(x + 1));
  }
  const auto rate = decimal_seconds(attributes.get("FRAME-RATE"));
  if (rate) variant.frame_rate = std::chrono::duration<double>(*rate).count();
  variant.codecs = attributes.get("CODECS");
  variant.audio_group = attributes.get("AUDIO");
  variant_ = std::move(variant);
  return {};
}

Result<void> Parser::rendition(const AttributeList& attributes) {
  Rendition out;
  const auto type = attributes.get("TYPE");
  if (type == "AUDIO") out.type = Rendition::Type::audio;
  else if (type == "VIDEO") out.type = Rendition::Type::video;
  else if (type == "SUBTITLES") out.type = Rendition::Type::subtitles;
  else if (type == "CLOSED-CAPTIONS") out.type = Rendition::Type::closed_captions;
  else return {};
  out.group = attributes.get("GROUP-ID");
  out.name = attributes.get("NAME");
  out.language = attributes.get("LANGUAGE");
  if (const auto uri = attributes.get("URI"); !uri.empty()) out.uri = TRY(resolve_uri(base_, uri));
  out.is_default = attributes.yes("DEFAULT");
  out.autoselect = attributes.yes("AUTOSELECT");
  master_.renditions.push_back(std::move(out));
  return {};
}

Result<void> Parser::variant_uri(std::string_view uri) {
  variant_->uri = TRY(resolve_uri(base_, uri));
  master_.variants.push_back(std::move(*variant_));
  variant_.reset();
  if (master_.variants.size() > kMostSegments)
    return fail(ErrorKind::unsupported, "the playlist has too many variants");
  return {};
}

// Tags that number the first segment may stand anywhere, so the numbers are given at the end.
void Parser::number() {
  media_.end_sequence = media_.media_sequence + listed_;
  auto sequence = media_.media_sequence + skipped_;
  auto discontinuity = media_.discontinuity_sequence + skipped_discontinuities_;
  for (auto& segment : media_.segments) {
    if (segment.discontinuity) ++discontinuity;
    segment.sequence = sequence++;
    segment.discontinuity_sequence = discontinuity;
  }
}

Result<Playlist> Parser::finish() {
  const bool lists_segments = is_media_ || listed_ > 0;
  if (!master_.variants.empty() && lists_segments)
    return fail(ErrorKind::corrupt, "the playlist mixes variants and segments");
  if (!master_.variants.empty()) return Playlist(std::move(master_));
  if (!lists_segments) return fail(ErrorKind::corrupt, "the playlist lists neither segments nor variants");
  // Required by the RFC, yet some origins forget it.
  if (!has_target_) media_.target_duration = std::chrono::ceil<seconds>(longest_);
  if (media_.segments.size() < listed_ && counted_from_ != media_.media_sequence)
    return fail(ErrorKind::corrupt, "the playlist numbers its segments when they have been listed already");
  number();
  return Playlist(std::move(media_));
}

bool is_audio_only(const Variant& variant) {
  if (variant.width != 0) return false;
  const std::string_view codecs = variant.codecs;
  if (codecs.empty()) return false;
  for (const std::string_view video : {"avc", "hvc", "hev", "vp0", "vp9", "vp8", "av01", "dvh"})
    if (codecs.find(video) != std::string_view::npos) return false;
  return true;
}

// Bit rates and resolutions as one comparable value; `best` is its largest.
auto rank(const Variant& variant) {
  return std::tuple(!is_audio_only(variant), std::uint64_t{variant.width} * variant.height, variant.frame_rate,
                    variant.bandwidth);
}

template <class Predicate>
const Variant* best_where(const MasterPlaylist& playlist, Predicate allowed) {
  const Variant* best = nullptr;
  for (const auto& variant : playlist.variants)
    if (allowed(variant) && (!best || rank(variant) > rank(*best))) best = &variant;
  return best;
}

// The smallest with video where there is one.
const Variant& smallest(const MasterPlaylist& playlist) {
  const Variant* found = nullptr;
  for (const auto& variant : playlist.variants)
    if (!is_audio_only(variant) && (!found || rank(variant) < rank(*found))) found = &variant;
  return found ? *found : playlist.variants.front();
}

}  // namespace

Result<Playlist> parse_playlist(std::string_view text, std::string_view base_uri, const SegmentRange& wanted) {
  text = without_mark(text);
  if (!begins_with_tag(trim(text.substr(0, text.find('\n'))), "#EXTM3U")) return not_a_playlist(text);
  Parser parser(base_uri, wanted);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > kLongestLine) return fail(ErrorKind::unsupported, "the playlist has a line of more than 64 KiB");
    if (auto read = parser.line(trim(text.substr(0, end))); !read) return std::unexpected(read.error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

std::array<std::byte, 16> effective_iv(const MediaSegment& segment) {
  if (segment.key && segment.key->iv) return *segment.key->iv;
  std::array<std::byte, 16> out{};
  for (std::size_t i = 0; i < 8; ++i) out[15 - i] = static_cast<std::byte>(segment.sequence >> (8 * i));
  return out;
}

const Variant& choose_variant(const MasterPlaylist& playlist, std::string_view quality) {
  if (quality.ends_with('p')) quality.remove_suffix(1);
  if (quality == "worst") return smallest(playlist);
  const Variant* found = nullptr;
  if (quality == "audio") {
    found = best_where(playlist, is_audio_only);
    return found ? *found : smallest(playlist);
  }
  if (const auto lines = decimal_integer(quality)) {
    found = best_where(playlist, [&](const Variant& v) { return v.height != 0 && v.height <= *lines; });
    return found ? *found : smallest(playlist);
  }
  return *best_where(playlist, [](const Variant&) { return true; });
}

}  // namespace aircheck::media
