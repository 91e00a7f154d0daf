#include "media/ts_survey.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "media/ts_psi.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kMostTables = 16;   // PMTs that are listened to
constexpr std::size_t kMostStreams = 16;  // recorded of one program

// Collects the tables while the packets go by.
class Tables {
 public:
  void push(const std::byte* packet) {
    const auto pid = ts_pid(packet);
    if (pid == 0) return push_pat(parse_ts_packet(packet));
    for (auto& table : tables_)
      if (table.pid == pid) push_pmt(table, parse_ts_packet(packet));
  }
  bool wants(std::uint16_t pid) const { return wanted_[pid]; }
  // Every program that is announced has said what it is made of.
  bool complete() const {
    return !tables_.empty() && std::ranges::none_of(tables_, [](const Table& table) { return table.entries.empty(); });
  }
  bool any() const {
    return std::ranges::any_of(tables_, [](const Table& table) { return !table.entries.empty(); });
  }
  std::vector<TsEntry> choose() const;

 private:
  struct Table {
    std::uint16_t pid = 0;
    TsSections sections;
    std::vector<TsEntry> entries;
  };

  void push_pat(const TsPacket& packet) {
    pat_.push(packet);
    while (const auto section = pat_.take())
      for (const auto& program : parse_pat(*section)) {
        if (wanted_[program.table_pid] || tables_.size() >= kMostTables) continue;
        wanted_[program.table_pid] = true;
        tables_.push_back({program.table_pid, {}, {}});
      }
  }
  static void push_pmt(Table& table, const TsPacket& packet) {
    table.sections.push(packet);
    while (const auto section = table.sections.take()) {
      const auto entries = parse_pmt(*section);
      if (!entries) continue;
      for (const auto& entry : *entries)
        if (std::ranges::find(table.entries, entry.pid, &TsEntry::pid) == table.entries.end())
          table.entries.push_back(entry);
    }
  }

  TsSections pat_;
  std::vector<Table> tables_;
  std::array<bool, kTsPids> wanted_{true};  // PID 0 is the PAT's
};

bool is_video(const TsEntry& entry) { return entry.type == 0x1b || entry.type == 0x24; }
bool is_known(const TsEntry& entry) { return make_ts_assembler({.pid = entry.pid, .type = entry.type}, 0) != nullptr; }

// The streams of the first program with video that we know, else with anything that we know, else of the first at all.
std::vector<TsEntry> Tables::choose() const {
  for (const auto wanted : {is_video, is_known})
    for (const auto& table : tables_)
      if (std::ranges::any_of(table.entries, wanted)) return table.entries;
  return tables_.front().entries;
}

// Timed metadata, ad markers and private data are no loss to a recording.
bool is_media(std::uint8_t type) {
  return type != 0x05 && type != 0x06 && type != 0x0d && type != 0x15 && type != 0x86;
}

std::vector<TsEntry> entries_of(const std::vector<TsStream>& known) {
  std::vector<TsEntry> out;
  for (const auto& stream : known) out.push_back({stream.pid, stream.type});
  return out;
}

Result<void> choose_streams(const std::vector<TsEntry>& entries, const std::vector<TsStream>& known, TsSurvey& out) {
  for (const auto& entry : entries) {
    if (!is_known(entry)) {
      if (is_media(entry.type)) out.left_out.push_back(ts_type_in_words(entry.type));
      continue;
    }
    if (out.streams.size() >= kMostStreams) break;
    const auto before = std::ranges::find_if(
        known, [&](const TsStream& stream) { return stream.pid == entry.pid && stream.type == entry.type; });
    out.streams.push_back(before != known.end() ? *before : TsStream{.pid = entry.pid, .type = entry.type});
  }
  if (!out.streams.empty()) return {};
  std::string words;
  for (const auto& stream : out.left_out) words += (words.empty() ? "" : ", ") + stream;
  return fail(ErrorKind::unsupported, "the segment has no stream of a kind that we record" +
                                          (words.empty() ? words : fmt::format(", only {}", words)));
}

}  // namespace

Result<TsSurvey> survey_ts(ByteView segment, const std::vector<TsStream>& known) {
  TsSurvey out;
  Tables tables;
  TsPackets packets(segment);
  bool any = false;
  while (const auto* const packet = tables.complete() ? nullptr : packets.next()) {
    any = true;
    if (tables.wants(ts_pid(packet))) tables.push(packet);
  }
  if (!any) return fail(ErrorKind::corrupt, "the segment is no MPEG transport stream");
  if (!tables.any() && known.empty())
    return fail(ErrorKind::corrupt, "the segment does not say what is in it (no PAT or PMT)");
  TRY(choose_streams(tables.any() ? tables.choose() : entries_of(known), known, out));
  return out;
}

}  // namespace aircheck::media
