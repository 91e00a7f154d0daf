#include "server/listen_address.hpp"

#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/guard.hpp"

namespace aircheck::server {

using boost::asio::ip::tcp;

Result<ListenAddress> resolve_listen(const std::string& listen, bool has_token) {
  const auto parts = parse_host_port(listen);
  if (!parts || parts->port.empty() || std::stoi(parts->port) > 65'535)
    return fail(ErrorKind::invalid_input, fmt::format("'{}' is no HOST:PORT to listen on", listen));
  boost::asio::io_context io;
  tcp::resolver resolver(io);
  boost::system::error_code error;
  const auto found =
      resolver.resolve(parts->host, parts->port, tcp::resolver::numeric_service | tcp::resolver::passive, error);
  if (error || found.empty())
    return fail(ErrorKind::invalid_input, fmt::format("cannot listen on '{}': {}", listen, error.message()));
  const auto endpoint = found.begin()->endpoint();
  if (!has_token && !endpoint.address().is_loopback())
    return fail(
        ErrorKind::invalid_input,
        fmt::format(
            "'{}' can be reached from other machines: set a token (--token or AIRCHECK_TOKEN), or listen on 127.0.0.1",
            listen));
  return ListenAddress{endpoint.address().to_string(), endpoint.port()};
}

}  // namespace aircheck::server
