#include "core/ports.hpp"

namespace aircheck {
namespace {

std::unexpected<Error> not_here() {
  return fail(ErrorKind::unsupported, "recordings in this store cannot be made anew");
}

}  // namespace

Result<std::unique_ptr<RecordingReplacement>> RecordingStore::replace(std::string_view, std::size_t) {
  return not_here();
}

Result<std::unique_ptr<ScratchFile>> RecordingStore::scratch(std::string_view) { return not_here(); }

}  // namespace aircheck
