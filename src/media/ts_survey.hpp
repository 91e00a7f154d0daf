#pragma once
// The first look at a transport stream segment: which streams it has. Reads no further than the tables, which most often stand
// in front; they may come late. Pure.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/ts_stream.hpp"

namespace aircheck::media {

struct TsSurvey {
  std::vector<TsStream> streams;      // to be recorded, in the PMT's order
  std::vector<std::string> left_out;  // others, in words
};

/// `known` are the previous segment's streams: what they carry is taken over, and where the segment has no tables of its own
/// they stand in. `corrupt` when it is no transport stream or nobody says what is in it, `unsupported` when nothing in it is of
/// a kind that we record.
Result<TsSurvey> survey_ts(ByteView segment, const std::vector<TsStream>& known);

}  // namespace aircheck::media
