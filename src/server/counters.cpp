#include "server/counters.hpp"

#include <fmt/core.h>

namespace aircheck::server {

std::string Counters::metrics() const {
  std::string out =
      "# HELP aircheck_http_requests_total Requests answered by class of status.\n"
      "# TYPE aircheck_http_requests_total counter\n";
  for (std::size_t i = 2; i < answers.size(); ++i)
    out += fmt::format("aircheck_http_requests_total{{code=\"{}xx\"}} {}\n", i, answers[i].load());
  out += fmt::format(
      "# HELP aircheck_http_connections Connections that are open.\n# TYPE aircheck_http_connections gauge\n"
      "aircheck_http_connections {}\n"
      "# HELP aircheck_http_event_streams Clients that listen to events.\n# TYPE aircheck_http_event_streams gauge\n"
      "aircheck_http_event_streams {}\n",
      connections.load(), event_streams.load());
  return out;
}

}  // namespace aircheck::server
