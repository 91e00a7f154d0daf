#include "media/ts_tables.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aircheck::media {
namespace {

constexpr std::size_t kMostTables = 16;   // PMTs that are listened to
constexpr std::size_t kMostStreams = 16;  // recorded of one program

bool is_video(const TsEntry& entry) { return entry.type == 0x1b || entry.type == 0x24; }
bool is_known(const TsEntry& entry) { return make_ts_assembler(entry.type, 0) != nullptr; }

// Timed metadata, ad markers and private data are no loss to a recording.
bool is_media(std::uint8_t type) {
  return type != 0x05 && type != 0x06 && type != 0x0d && type != 0x15 && type != 0x86;
}

}  // namespace

void TsTables::push(const TsPacket& packet) {
  if (packet.pid == 0) return push_pat(packet);
  for (auto& table : tables_)
    if (table.pid == packet.pid) push_pmt(table, packet);
}

void TsTables::push_pat(const TsPacket& packet) {
  pat_.push(packet);
  while (const auto section = pat_.take())
    for (const auto& program : parse_pat(*section)) {
      if (wanted_[program.table_pid] || tables_.size() >= kMostTables) continue;
      wanted_[program.table_pid] = true;
      tables_.push_back({program.table_pid, {}, {}});
    }
}

void TsTables::push_pmt(Table& table, const TsPacket& packet) {
  table.sections.push(packet);
  while (const auto section = table.sections.take()) {
    const auto entries = parse_pmt(*section);
    if (!entries) continue;
    for (const auto& entry : *entries)
      if (std::ranges::find(table.entries, entry.pid, &TsEntry::pid) == table.entries.end())
        table.entries.push_back(entry);
  }
}

bool TsTables::complete() const {
  return !tables_.empty() && std::ranges::none_of(tables_, [](const Table& table) { return table.entries.empty(); });
}

bool TsTables::any() const {
  return std::ranges::any_of(tables_, [](const Table& table) { return !table.entries.empty(); });
}

std::vector<TsEntry> TsTables::choose() const {
  for (const auto wanted : {is_video, is_known})
    for (const auto& table : tables_)
      if (std::ranges::any_of(table.entries, wanted)) return table.entries;
  return tables_.front().entries;
}

Result<TsChoice> choose_streams(const std::vector<TsEntry>& entries) {
  TsChoice out;
  for (const auto& entry : entries) {
    if (!is_known(entry)) {
      if (is_media(entry.type)) out.left_out.push_back(ts_type_in_words(entry.type));
    } else if (out.streams.size() < kMostStreams) {
      out.streams.push_back(entry);
    }
  }
  if (!out.streams.empty()) return out;
  std::string words;
  for (const auto& stream : out.left_out) words += (words.empty() ? "" : ", ") + stream;
  return fail(ErrorKind::unsupported, "the segment has no stream of a kind that we record" +
                                          (words.empty() ? words : fmt::format(", only {}", words)));
}

}  // namespace aircheck::media
