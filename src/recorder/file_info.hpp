#pragma once
// What a file of a recording says of itself in its head: title, tags and chapters, out of the journal's state. Pure.

#include <span>
#include <vector>

#include "media/mkv_head.hpp"
#include "recorder/journal.hpp"

namespace aircheck::recorder {

/// Of a file that still grows: what is known from the start.
media::HeadInfo growing_file_info(const FileLine& file, const About& about);

/// Of the present one when it is complete, with so many bytes: its duration, chapters, attachments, and what is missing in
/// it, too. `state.file` must be there, here and below.
media::HeadInfo finished_file_info(const JournalState& state, std::uint64_t length);

/// Where something is missing, the broadcaster began anew or gave the broadcast another title; nothing for a file without
/// any of these.
std::vector<media::Chapter> chapters_of(const JournalState& state);

/// A finished file's head after a repair: where its chapters and tags told of the gaps `before`, they tell of those `after`. Gaps
/// are on the file's clock.
void mend_file_info(media::HeadInfo& info, std::span<const Gap> before, std::span<const Gap> after);

}  // namespace aircheck::recorder
