#include "aircheck/watch_view.hpp"

#include <fmt/core.h>

#include "aircheck/human.hpp"
#include "aircheck/table.hpp"

namespace aircheck::apps {
namespace {

// What hinders it, else the last thing that was seen of it.
std::string note_of(const Watch& watch) {
  if (watch.last_error) return watch.last_error->message;
  return watch.last_seen ? fmt::format("newest: {}", watch.last_seen->title) : std::string{};
}

}  // namespace

std::string channel_name(const Watch& watch) {
  const auto handle = watch.channel.substr(watch.channel.rfind('/') + 1);
  return watch.channel_name.empty() ? handle : fmt::format("{} ({})", watch.channel_name, handle);
}

std::string watch_table(std::span<const Watch> watches, const View& view) {
  if (watches.empty()) return "no channel is watched\n";
  Table table(
      {{"ID"}, {"CHANNEL", false, true}, {"TITLES", false, true}, {"QUALITY"}, {"LOOKED"}, {"NOTE", false, true}});
  for (const auto& watch : watches)
    table.add({{short_id(watch.id)},
               {channel_name(watch)},
               {watch.title},
               {watch.quality == "best" ? "" : watch.quality},
               {watch.last_checked_at ? human_age(view.now - *watch.last_checked_at) : "never", Style::dim},
               {note_of(watch), watch.last_error ? Style::yellow : Style::dim}});
  return table.render(view.width, view.colours);
}

}  // namespace aircheck::apps
