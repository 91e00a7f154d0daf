#pragma once
// Live chat as it is kept: a file of JSON lines that grows by what each run of yt-dlp has brought. A run writes into a
// folder of its own beside it, so that nothing that is kept is ever open to another program, and a run whose recorder was
// killed is taken over by the next. Not thread-safe.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace aircheck::capture {

/// Makes this process's folder for runs beside `file` ("….live_chat.json") and returns it.
Result<std::string> make_chat_folder(const std::string& file);

/// Appends to `file` the whole lines that runs have left beside it, and removes these. Returns how many bytes there were. A
/// crash in between may double lines, which readers know apart by their ids, but loses none.
Result<std::uint64_t> gather_chat(const std::string& file);

/// What `file` holds and the whole lines that runs have left or are still writing beside it.
Result<std::string> read_chat(const std::string& file);

}  // namespace aircheck::capture
