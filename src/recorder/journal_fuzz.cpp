// Any bytes as the lines of a journal: refused, or a state that a successor can go on with. What it writes is the same when it is
// read again, and a head can be made of it.
#include <cstdlib>

#include "recorder/file_info.hpp"
#include "recorder/journal.hpp"
#include "recorder/journal_testing.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::recorder;

using Lines = std::vector<std::string>;

// A journal with the same sum, but for its seams.
Lines written(const JournalState& state) {
  Lines out;
  if (state.file) out.push_back(to_line(*state.file));
  for (const auto& [at, title] : state.titles) out.push_back(to_line(AboutLine{{.title = title}, at}));
  out.push_back(to_line(AboutLine{state.about, nanoseconds{0}}));
  if (state.timeline)
    out.push_back(to_line(CommitLine{.length = state.length,
                                     .end = state.end,
                                     .positions = state.positions,
                                     .timeline = *state.timeline,
                                     .new_cues = state.cues,
                                     .new_gaps = state.gaps}));
  if (state.attachments) out.push_back(to_line(AttachedLine{*state.attachments, state.length}));
  for (const auto& done : state.done) out.push_back(to_line(done));
  if (state.ended_by) out.push_back(to_line(EndedLine{*state.ended_by}));
  return out;
}

void check_head(const JournalState& state) {
  if (!state.file) return;
  static_cast<void>(media::make_head(growing_file_info(*state.file, state.about), state.file->tracks, {}, 4'096));
  static_cast<void>(media::make_head(finished_file_info(state, state.length), state.file->tracks, state.cues, 4'096));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto state = read_journal(lines_of(as_text(std::as_bytes(std::span(data, size)))));
  if (!state) return 0;
  const auto lines = written(*state);
  const auto again = read_journal(lines);
  if (!again || written(*again) != lines) std::abort();
  check_head(*state);
  return 0;
}
