#pragma once
// The names of all stored things, in one place. Pure.

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace aircheck {

/// "recordings/2026/11/<video id>-<job id>.mkv"; characters of the video id other than [A-Za-z0-9_-] become "_", and it is
/// "stream" when empty.
std::string recording_key(Instant created_at, std::string_view video_id, std::string_view job_id);
/// What a recording is called after: the video's id, else the channel's name where the URL has one, else nothing.
std::string recording_label(std::string_view video_id, std::string_view url);
/// Key of file `index` of a recording: the key itself for 0, "….-2.mkv" for 1, "…-3.mkv" for 2.
std::string recording_part_key(std::string_view key, int index);
/// "<key>.journal"
std::string journal_key(std::string_view key);
/// Of the live chat beside a recording: "….live_chat.json" instead of "….mkv".
std::string live_chat_key(std::string_view key);
/// A key that can only name something inside the store: relative, no empty, "." or ".." component, no control character.
bool is_safe_key(std::string_view key);

}  // namespace aircheck
