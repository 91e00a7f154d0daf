#pragma once
// What a transport stream says of its content: collects PAT and PMTs while the packets go by, and chooses the streams to be
// recorded. Not thread-safe.

#include <array>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/ts_psi.hpp"
#include "media/ts_stream.hpp"

namespace aircheck::media {

class TsTables {
 public:
  /// Whether packets of this PID belong to a table.
  bool wants(std::uint16_t pid) const { return wanted_[pid]; }
  void push(const TsPacket& packet);
  /// Every program that is announced has said what it is made of.
  bool complete() const;
  bool any() const;
  /// The streams of the first program with video that we know, else with anything that we know, else of the first. any()
  /// must hold.
  std::vector<TsEntry> choose() const;

 private:
  struct Table {
    std::uint16_t pid = 0;
    TsSections sections;
    std::vector<TsEntry> entries;
  };

  void push_pat(const TsPacket& packet);
  static void push_pmt(Table& table, const TsPacket& packet);

  TsSections pat_;
  std::vector<Table> tables_;
  std::array<bool, kTsPids> wanted_{true};  // PID 0 is the PAT's
};

struct TsChoice {
  std::vector<TsEntry> streams;       // to be recorded, in the PMT's order
  std::vector<std::string> left_out;  // others, in words
};

/// `unsupported` when nothing among the entries is of a kind that we record.
Result<TsChoice> choose_streams(const std::vector<TsEntry>& entries);

}  // namespace aircheck::media
