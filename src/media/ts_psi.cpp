#include "media/ts_psi.hpp"

#include <array>

namespace aircheck::media {
namespace {

constexpr std::size_t kHeader = 3;  // table_id and section_length
constexpr std::size_t kChecksum = 4;
constexpr std::size_t kLargest = 4096;
constexpr std::byte kStuffing{0xff};

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto value = i << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value & 0x80000000) != 0 ? 0x04c11db7 : 0);
    out[i] = value;
  }
  return out;
}

std::size_t section_size(const Bytes& bytes) {
  return kHeader + ((std::to_integer<std::size_t>(bytes[1]) & 0xf) << 8 | std::to_integer<std::size_t>(bytes[2]));
}

// The part after the eight bytes of header, where table_id is the wanted one and the table is the current one.
std::optional<ByteView> table_body(ByteView section, std::uint8_t table_id) {
  constexpr std::byte kCurrent{1};
  if (section.size() < 8 || section[0] != std::byte{table_id} || (section[5] & kCurrent) == std::byte{0}) return {};
  return section.subspan(8);
}

// What private data is by its descriptors, as DVB and the registration authority name it.
std::uint8_t private_type(ByteView descriptors) {
  ByteReader in(descriptors);
  while (in.remaining() >= 2) {
    const auto tag = in.u8();
    const auto body = in.take(in.u8());
    if (tag == 0x6a) return 0x81;
    if (tag != 0x05 || body.size() < 4) continue;
    if (as_text(body.first(4)) == "AC-3") return 0x81;
    if (as_text(body.first(4)) == "HEVC") return 0x24;
  }
  return 6;
}

}  // namespace

std::uint32_t crc32_mpeg(ByteView bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t value = 0xffffffff;
  for (const auto byte : bytes)
    value = value << 8 ^ kTable[(value >> 24 ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return value;
}

void TsSections::push(const TsPacket& packet) {
  auto payload = packet.payload;
  if (packet.start) {
    if (payload.empty()) return;
    const auto pointer = std::to_integer<std::size_t>(payload[0]);
    payload = payload.subspan(1);
    if (pointer > payload.size()) {
      synced_ = false;
      return;
    }
    // What stands before the pointer ends a section that began in an earlier packet.
    if (!synced_) {
      pending_.clear();
      payload = payload.subspan(pointer);
    }
    synced_ = true;
  }
  if (synced_ && pending_.size() < 2 * kLargest) pending_.insert(pending_.end(), payload.begin(), payload.end());
}

std::optional<Bytes> TsSections::take() {
  while (pending_.size() >= kHeader) {
    if (pending_[0] == kStuffing) break;
    const auto size = section_size(pending_);
    if (size > pending_.size()) return {};
    Bytes section(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    if (size < kHeader + kChecksum || crc32_mpeg(section) != 0) continue;
    section.resize(size - kChecksum);
    return section;
  }
  // Fewer bytes than a header may be the start of one, or stuffing to the packet's end.
  if (!pending_.empty() && pending_[0] == kStuffing) {
    pending_.clear();
    synced_ = false;
  }
  return {};
}

std::vector<TsProgram> parse_pat(ByteView section) {
  std::vector<TsProgram> out;
  const auto body = table_body(section, 0);
  if (!body) return out;
  ByteReader in(*body);
  while (in.remaining() >= 4) {
    const auto number = in.u16(), pid = static_cast<std::uint16_t>(in.u16() & 0x1fff);
    if (number != 0) out.push_back({number, pid});  // 0 is the network's
  }
  return out;
}

std::optional<std::vector<TsEntry>> parse_pmt(ByteView section) {
  const auto body = table_body(section, 2);
  if (!body) return {};
  ByteReader in(*body);
  in.skip(2);  // PCR PID
  in.skip(in.u16() & 0xfff);
  std::vector<TsEntry> out;
  while (in.remaining() >= 5) {
    TsEntry entry;
    entry.type = in.u8();
    entry.pid = in.u16() & 0x1fff;
    const auto descriptors = in.take(in.u16() & 0xfff);
    if (entry.type == 6) entry.type = private_type(descriptors);
    if (in.ok()) out.push_back(entry);
  }
  return out;
}

}  // namespace aircheck::media
