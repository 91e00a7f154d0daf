#pragma once
// What a file of a recording says of itself in its head: title, tags and chapters, out of the journal's state. Pure.

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

}  // namespace aircheck::recorder
