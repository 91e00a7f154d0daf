// The demuxer's state as text: "ts1 NEAR PID:TYPE:CONFIG:CARRY:CARRY_TIME …", numbers in decimal, bytes in hexadecimal, "-" for
// what is not there.
#include <fmt/core.h>

#include <charconv>

#include "media/ts.hpp"

namespace aircheck::media {
namespace {

constexpr std::string_view kVersion = "ts1";
constexpr std::size_t kLargestBytes = 64 * 1024;
constexpr std::int64_t kFurthest = 1'000'000'000'000'000'000;  // 31 years: beyond, times would overflow

std::string to_text(std::optional<nanoseconds> time) { return time ? fmt::format("{}", time->count()) : "-"; }

std::string to_hex(const Bytes& bytes) {
  if (bytes.empty()) return "-";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    out += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    out += kDigits[std::to_integer<std::size_t>(byte & std::byte{0xf})];
  }
  return out;
}

// Reads fields off the front of a text; a fault is remembered.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return text_.empty(); }
  std::string_view until(char stop) {
    const auto end = std::min(text_.find(stop), text_.size());
    const auto field = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return field;
  }
  std::int64_t number(std::string_view field, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error == std::errc{} && end == field.data() + field.size() && value >= least && value <= most) return value;
    ok_ = false;
    return 0;
  }
  std::optional<nanoseconds> time(std::string_view field) {
    if (field == "-") return {};
    return nanoseconds{number(field, -kFurthest, kFurthest)};
  }
  Bytes bytes(std::string_view field) {
    Bytes out;
    if (field == "-") return out;
    ok_ &= field.size() % 2 == 0 && field.size() <= 2 * kLargestBytes;
    for (std::size_t i = 0; ok_ && i < field.size(); i += 2) {
      unsigned value = 0;
      const auto [end, error] = std::from_chars(field.data() + i, field.data() + i + 2, value, 16);
      ok_ &= error == std::errc{} && end == field.data() + i + 2;
      out.push_back(static_cast<std::byte>(value));
    }
    return out;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

TsStream read_stream(FieldReader& in) {
  TsStream out;
  out.pid = static_cast<std::uint16_t>(in.number(in.until(':'), 0, kTsPids - 1));
  out.type = static_cast<std::uint8_t>(in.number(in.until(':'), 0, 255));
  out.config = in.bytes(in.until(':'));
  out.carry = in.bytes(in.until(':'));
  out.carry_time = in.time(in.until(' '));
  return out;
}

}  // namespace

std::string TsState::to_text() const {
  auto out = fmt::format("{} {}", kVersion, media::to_text(near));
  for (const auto& [pid, type, config, carry, carry_time] : streams)
    out += fmt::format(" {}:{}:{}:{}:{}", pid, type, to_hex(config), to_hex(carry), media::to_text(carry_time));
  return out;
}

Result<TsState> TsState::from_text(std::string_view text) {
  TsState out;
  if (text.empty()) return out;
  FieldReader in(text);
  const bool known = in.until(' ') == kVersion;
  out.near = in.time(in.until(' '));
  while (known && in.ok() && !in.at_end()) {
    out.streams.push_back(read_stream(in));
    if (make_ts_assembler(out.streams.back().type, 0) == nullptr)
      return fail(ErrorKind::corrupt, "a stream of no known type");
  }
  if (!known || !in.ok()) return fail(ErrorKind::corrupt, "the demuxer's state cannot be read");
  return out;
}

}  // namespace aircheck::media
