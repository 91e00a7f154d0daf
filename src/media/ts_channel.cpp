#include "media/ts_channel.hpp"

#include <algorithm>
#include <cstring>

namespace aircheck::media {
namespace {

constexpr std::size_t kFixedHeader = 9;  // of a PES packet with the optional fields (ISO/IEC 13818-1 §2.4.3.6)

unsigned at(ByteView bytes, std::size_t index) { return std::to_integer<unsigned>(bytes[index]); }

// Without the nine bytes of every header that carries times: padding, program maps and the like.
bool has_no_times(unsigned stream_id) {
  return stream_id == 0xbc || stream_id == 0xbe || stream_id == 0xbf || (stream_id >= 0xf0 && stream_id != 0xfd);
}

std::optional<std::uint64_t> read_time(ByteView header, std::size_t offset) {
  if (offset + 5 > header.size()) return {};
  return std::uint64_t{at(header, offset) >> 1 & 7} << 30 | std::uint64_t{at(header, offset + 1)} << 22 |
         std::uint64_t{at(header, offset + 2) >> 1} << 15 | at(header, offset + 3) << 7 | at(header, offset + 4) >> 1;
}

}  // namespace

TsChannel::Fingerprint TsChannel::fingerprint(ByteView payload) {
  Fingerprint out{.size = payload.size()};
  if (payload.size() < sizeof out.front) {
    std::memcpy(&out.front, payload.data(), payload.size());
    return out;
  }
  std::memcpy(&out.front, payload.data(), sizeof out.front);
  std::memcpy(&out.back, payload.data() + payload.size() - sizeof out.back, sizeof out.back);
  return out;
}

// A packet may be sent twice (§2.4.3.3); any other repetition or jump of the counter means that packets are missing.
bool TsChannel::is_duplicate(const TsPacket& packet) {
  const int expected = (continuity_ + 1) & 0xf;
  const bool first = continuity_ < 0 || packet.discontinuity;
  const auto print = fingerprint(packet.payload);
  if (!first && packet.continuity == continuity_ && print == last_payload_) return true;
  if (!first && packet.continuity != expected) ++damage_;
  continuity_ = packet.continuity;
  last_payload_ = print;
  return false;
}

void TsChannel::push(const TsPacket& packet, TsClock& clock) {
  if (packet.error) {
    ++damage_;
    return;
  }
  if (packet.scrambled) {
    ++scrambled_;
    return;
  }
  if (packet.payload.empty() || is_duplicate(packet)) return;
  if (packet.start) start_pes();
  switch (phase_) {
    case Phase::header: return read_header(packet.payload, clock);
    case Phase::payload: return deliver(packet.payload);
    case Phase::waiting: return assembler_->append_rest(packet.payload);
    case Phase::skipping: return;
  }
}

void TsChannel::start_pes() {
  if (phase_ == Phase::payload && remaining_.value_or(0) > 0) ++damage_;
  phase_ = Phase::header;
  header_.clear();
}

void TsChannel::read_header(ByteView payload, TsClock& clock) {
  if (!header_.empty()) {  // the rare case: it goes on in another packet
    header_.insert(header_.end(), payload.begin(), payload.end());
    payload = header_;
  }
  const bool complete = payload.size() >= kFixedHeader && payload.size() >= kFixedHeader + at(payload, 8);
  const bool readable = payload.size() < 4 || (at(payload, 0) == 0 && at(payload, 1) == 0 && at(payload, 2) == 1);
  const bool without_times = readable && payload.size() >= 4 && has_no_times(at(payload, 3));
  if (!readable) ++damage_;
  if (!readable || without_times) {
    phase_ = Phase::skipping;
  } else if (complete) {
    const auto size = kFixedHeader + at(payload, 8);
    open_pes(payload.first(size), clock);
    if (phase_ == Phase::payload) deliver(payload.subspan(size));
  } else if (header_.empty()) {
    header_.assign(payload.begin(), payload.end());
  }
}

void TsChannel::open_pes(ByteView header, TsClock& clock) {
  const auto marks = at(header, 6), flags = at(header, 7) >> 6;
  phase_ = Phase::skipping;
  if ((marks & 0xc0) != 0x80) {
    ++damage_;
    return;
  }
  if ((marks & 0x30) != 0) {
    ++scrambled_;
    return;
  }
  phase_ = Phase::payload;
  const auto length = at(header, 4) << 8 | at(header, 5), inside = static_cast<unsigned>(header.size()) - 6;
  remaining_.reset();
  if (length != 0) remaining_ = length > inside ? length - inside : 0;
  PesTimes times;
  if (flags == 3)
    if (const auto dts = read_time(header, 14)) times.dts = clock.unwrap(*dts);
  if (flags >= 2)
    if (const auto pts = read_time(header, 9)) times.pts = clock.unwrap(*pts);
  assembler_->begin(times);
}

void TsChannel::deliver(ByteView payload) {
  if (remaining_) {
    payload = payload.first(std::min(payload.size(), *remaining_));
    *remaining_ -= payload.size();
  }
  assembler_->append(payload);
}

Result<TsAssembler::Output> TsChannel::finish(TsStream& stream, std::int64_t shift) {
  if (phase_ == Phase::payload && remaining_.value_or(0) > 0) ++damage_;
  return assembler_->finish(stream, shift);
}

}  // namespace aircheck::media
