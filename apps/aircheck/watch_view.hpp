#pragma once
// Watched channels as people read them on a terminal. Pure: the time is handed in.

#include <span>
#include <string>

#include "aircheck/job_view.hpp"
#include "core/watch.hpp"

namespace aircheck::apps {

/// What is known of the channel: its name, else how its address ends.
std::string channel_name(const Watch& watch);
/// One line a watch under a heading; a sentence when there are none.
std::string watch_table(std::span<const Watch> watches, const View& view);

}  // namespace aircheck::apps
