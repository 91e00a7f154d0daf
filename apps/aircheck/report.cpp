#include "aircheck/report.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "base/json.hpp"

namespace aircheck::apps {

int complain(const Error& error, bool json) {
  fmt::print(stderr, "aircheck: {}\n", printable(error.message));
  if (json) {
    const nlohmann::json object{{"error", {{"kind", to_string(error.kind)}, {"message", error.message}}}};
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return error.kind == ErrorKind::invalid_input ? 2 : 1;
}

View standard_view() {
  return {.width = terminal_width(STDOUT_FILENO), .colours = use_colours(STDOUT_FILENO), .now = system_now()};
}

}  // namespace aircheck::apps
