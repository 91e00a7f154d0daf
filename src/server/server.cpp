// The sockets. A Connection is one client's socket: it reads a request, has it answered on a pool, and sends
// the answer, a recording's bytes or events. The Listener accepts, watches the change feed, and ends it all.
#include "server/server.hpp"

#include <fmt/core.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/counters.hpp"
#include "server/event_hub.hpp"
#include "server/guard.hpp"
#include "server/listen_address.hpp"
#include "server/packing.hpp"
#include "server/web_files.hpp"

namespace aircheck::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kChunk = 128 * 1024;          // of a recording, read and sent at once
constexpr std::size_t kMostUnsentEvents = 4 << 20;  // bytes; who falls behind further comes again and asks anew
constexpr std::size_t kFullBatch = 500;             // of the change feed: there is more
constexpr milliseconds kGoodbye{500};
constexpr milliseconds kLinger{1'000};
constexpr std::size_t kMostDrained = 4 << 20;  // bytes of a request that was refused

class Connection;

// What all connections use. Everything but the pools' work and the counters belongs to the thread of `io`.
struct Shared {
  Shared(ServerOptions o, api::Context c)
      : options(std::move(o)), context(std::move(c)), files(options.web_root, options.media_origin) {}

  const ServerOptions options;
  api::Context context;
  const WebFiles files;
  Counters counters;
  EventHub hub;
  std::set<Connection*> connections;
  std::function<void()> on_closed;
  bool stopping = false;
  // After what their handlers use, for those are destroyed with them.
  asio::io_context io{1};
  asio::thread_pool api_pool{3}, read_pool{3};
};

// Calls `work` on a pool, then `then` with its result on the server's thread. `self` is kept alive, and let go there.
template <class Self, class Work, class Then>
void in_pool(asio::thread_pool& pool, Shared& shared, Self self, Work work, Then then) {
  asio::post(pool, [&shared, self = std::move(self), work = std::move(work), then = std::move(then)]() mutable {
    auto result = work();
    asio::post(shared.io, [self = std::move(self), then = std::move(then), result = std::move(result)]() mutable {
      static_cast<void>(self);
      then(std::move(result));
    });
  });
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

api::Request to_request(const http::request<http::string_body>& message) {
  api::Request request{.method = std::string(message.method_string()), .body = message.body()};
  const std::string target(message.target());
  const auto mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  for (const auto& field : message) {
    const std::string_view sent(field.name_string());
    const auto name = lower(sent);
    auto& value = request.headers[name];
    if (!value.empty()) value += name == "cookie" ? "; " : ", ";
    value += std::string(field.value());
  }
  return request;
}

class Connection final : public EventSink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Shared& shared) : shared_(shared), stream_(std::move(socket)) {
    shared_.connections.insert(this);
    ++shared_.counters.connections;
    error_code ignored;
    ignored = stream_.socket().set_option(tcp::no_delay(true), ignored);
  }
  ~Connection() override {
    leave_hub();
    shared_.connections.erase(this);
    --shared_.counters.connections;
    if (shared_.on_closed) shared_.on_closed();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    if (shared_.stopping) return close();
    busy_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header));
    parser_->body_limit(api::kMaxBody);
    stream_.expires_after(shared_.options.read_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
  }

  /// The server ends: an answer under way may finish.
  void stop() {
    keep_alive_ = false;
    if (!busy_ || in_hub_) close();
  }

  void push(std::shared_ptr<const std::string> text) override {
    unsent_ += text->size();
    if (unsent_ > kMostUnsentEvents) return close();
    events_.push_back(std::move(text));
    if (events_.size() == 1) send_event();
  }

 private:
  // ---- the request ----

  void on_read(error_code error) {
    busy_ = true;
    if (error) return on_bad_request(error);
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive() && !shared_.stopping;
    request_ = to_request(message);
    if (auto reply = refuse(request_, !shared_.context.token.empty())) return send(std::move(*reply));
    if (auto reply = preflight(request_, shared_.options.cors_origins)) return send(std::move(*reply));
    in_pool(
        shared_.api_pool, shared_, shared_from_this(), [this] { return answer(); },
        [this](api::Response reply) { send(std::move(reply)); });
  }

  void on_bad_request(error_code error) {
    if (error == http::error::end_of_stream || error.category() != make_error_code(http::error::bad_method).category())
      return close();
    keep_alive_ = false;
    if (error == http::error::body_limit) return send(api::problem(413, "The body may have 64 KiB at most."));
    if (error == http::error::header_limit)
      return send(api::problem(431, "The header is too large.", "Send fewer or shorter header fields."));
    if (error != http::error::partial_message)
      return send(api::problem(400, "This is not HTTP: " + error.message() + "."));
    close();
  }

  // On a pool.
  api::Response answer() const try {
    const auto& prefix = shared_.context.prefix;
    const std::string_view path = request_.path;
    const bool for_api = path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
    auto reply = for_api ? api::handle(request_, shared_.context) : shared_.files.answer(request_);
    pack(request_, reply);
    return reply;
  } catch (const std::exception& exception) {
    log::error("{} {}: {}", request_.method, request_.path, exception.what());
    return api::problem(500, "The server failed at this request.", "Its log says more.");
  }

  // ---- the answer ----

  void send(api::Response reply) {
    shared_.counters.count_answer(reply.status);
    complete_headers(request_, shared_.options.cors_origins, reply.headers);
    if (const auto* events = std::get_if<api::EventStream>(&reply.body)) return send_events(reply, events->cursor);
    if (const auto* range = std::get_if<api::RecordingRange>(&reply.body)) return send_range(reply, *range);
    send_text(std::move(reply));
  }

  template <class Body>
  void fill_head(http::response<Body>& message, const api::Response& reply) const {
    message.version(11);
    message.result(static_cast<unsigned>(reply.status));
    for (const auto& [name, value] : reply.headers) message.set(name, value);
    message.keep_alive(keep_alive_);
  }

  void send_text(api::Response reply) {
    auto& text = std::get<std::string>(reply.body);
    auto message = std::make_shared<http::response<http::string_body>>();
    fill_head(*message, reply);
    if (has_body(reply.status)) message->content_length(text.size());
    if (request_.method != "HEAD" && has_body(reply.status)) message->body() = std::move(text);
    stream_.expires_after(shared_.options.write_timeout);
    http::async_write(stream_, *message,
                      [self = shared_from_this(), message](error_code error, std::size_t) { self->on_sent(error); });
  }

  void on_sent(error_code error) {
    if (error) return close();
    if (keep_alive_) return read();
    linger();
  }

  // Only its head; what follows is sent piece by piece.
  template <class Then>
  void send_head(const api::Response& reply, std::optional<std::uint64_t> length, Then then) {
    struct Head {
      http::response<http::empty_body> message;
      http::response_serializer<http::empty_body> serializer{message};
    };
    auto head = std::make_shared<Head>();
    fill_head(head->message, reply);
    if (length) head->message.content_length(*length);
    stream_.expires_after(shared_.options.write_timeout);
    http::async_write_header(
        stream_, head->serializer,
        [self = shared_from_this(), head, then = std::move(then)](error_code error, std::size_t) mutable {
          if (error) return self->close();
          then();
        });
  }

  void send_range(const api::Response& reply, api::RecordingRange range) {
    const auto length = range.length;
    send_head(reply, length, [this, range = std::move(range)]() mutable {
      if (request_.method == "HEAD" || range.length == 0) return on_sent({});
      range_ = std::move(range);
      chunk_.resize(kChunk);
      read_chunk();
    });
  }

  void read_chunk() {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, range_.length));
    in_pool(
        shared_.read_pool, shared_, shared_from_this(), [this, wanted] { return read_recording(wanted); },
        [this](Result<std::size_t> count) { send_chunk(std::move(count)); });
  }

  // A file that a repair has exchanged meanwhile must not be taken for the rest of the one that was begun.
  Result<std::size_t> read_recording(std::size_t wanted) {
    auto& recordings = shared_.context.recordings;
    if (range_.whole > 0 && TRY(recordings.size(range_.key)) != range_.whole)
      return fail(ErrorKind::conflict, "the file was repaired meanwhile");
    return recordings.read(range_.key, range_.offset, std::span(chunk_).first(wanted));
  }

  void send_chunk(Result<std::size_t> count) {
    // The length was promised; to break off is the only way left to say that it cannot be kept.
    if (!count || *count == 0) {
      log::warn("{} broke off at byte {}: {}", range_.key, range_.offset,
                count ? "the file was cut" : count.error().message);
      return close();
    }
    range_.offset += *count;
    range_.length -= *count;
    stream_.expires_after(shared_.options.write_timeout);
    asio::async_write(stream_, asio::buffer(chunk_.data(), *count),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        if (self->range_.length > 0) return self->read_chunk();
                        self->chunk_ = {};
                        self->on_sent({});
                      });
  }

  // ---- events ----

  void send_events(const api::Response& reply, std::uint64_t cursor) {
    if (shared_.hub.size() >= shared_.options.max_connections / 2)
      return send_text(api::problem(503, "Too many clients are listening.", "Close some pages, or try again later."));
    keep_alive_ = false;
    in_pool(
        shared_.api_pool, shared_, shared_from_this(), [this] { return shared_.context.changes->since(0); },
        [this, reply, cursor](Result<ChangeFeed::Changes> now) {
          if (!now) return send_text(api::problem(now.error()));
          // A place in the future is one of another database.
          const auto place = cursor == 0 || cursor > now->cursor ? now->cursor : cursor;
          send_head(reply, {}, [this, place] { join_hub(place); });
        });
  }

  void join_hub(std::uint64_t cursor) {
    if (shared_.stopping) return close();
    in_hub_ = true;
    ++shared_.counters.event_streams;
    shared_.hub.add(*this, cursor);
    stream_.expires_never();
    notice_close();
    push(std::make_shared<const std::string>(format_greeting(cursor)));
  }

  void leave_hub() {
    if (!std::exchange(in_hub_, false)) return;
    shared_.hub.remove(*this);
    --shared_.counters.event_streams;
  }

  // A client of events says nothing more; reading tells when it goes away.
  void notice_close() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(1024), [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->close();
      self->notice_close();
    });
  }

  void send_event() {
    stream_.expires_after(shared_.options.write_timeout);
    asio::async_write(stream_, asio::buffer(*events_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->unsent_ -= self->events_.front()->size();
                        self->events_.pop_front();
                        if (!self->events_.empty()) self->send_event();
                      });
  }

  // ---- the end ----

  // Closing with bytes unread would make the kernel send a reset, and the client might never see the answer.
  void linger() {
    busy_ = false;
    error_code ignored;
    ignored = stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    drain(kMostDrained);
  }

  void drain(std::size_t left) {
    if (left == 0 || shared_.stopping) return close();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(16 * 1024),
                            [self = shared_from_this(), left](error_code error, std::size_t count) {
                              if (error) return self->close();
                              self->drain(left - std::min(left, count));
                            });
  }

  // Operations under way end with an error and let go of this object.
  void close() {
    leave_hub();
    stream_.close();
  }

  Shared& shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  api::Request request_;
  bool keep_alive_ = false;
  bool busy_ = false;  // with an answer, rather than waiting for a request
  api::RecordingRange range_;
  std::vector<std::byte> chunk_;
  bool in_hub_ = false;
  std::deque<std::shared_ptr<const std::string>> events_;
  std::size_t unsent_ = 0;
};

using Batches = std::vector<std::pair<std::uint64_t, Result<ChangeFeed::Changes>>>;

}  // namespace

class HttpServer::Listener {
 public:
  Listener(ServerOptions options, api::Context context) : shared_(std::move(options), std::move(context)) {
    auto more = std::move(shared_.context.more_metrics);
    shared_.context.more_metrics = [this, more = std::move(more)] {
      return shared_.counters.metrics() + (more ? more() : std::string{});
    };
    shared_.on_closed = [this] { on_closed(); };
  }
  ~Listener() { shared_.on_closed = nullptr; }

  Result<void> bind(const ListenAddress& address) try {
    acceptor_ = tcp::acceptor(shared_.io, {asio::ip::make_address(address.ip), address.port});
    return {};
  } catch (const boost::system::system_error& error) {
    return fail(ErrorKind::io, fmt::format("cannot listen on {}: {}", shared_.options.listen, error.code().message()));
  }

  std::string address() const {
    const auto endpoint = acceptor_.local_endpoint();
    const auto host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", host, endpoint.port())
                                      : fmt::format("http://{}:{}", host, endpoint.port());
  }

  void run(std::stop_token stop) {
    const auto work = asio::make_work_guard(shared_.io);
    const std::stop_callback on_stop(std::move(stop), [this] { asio::post(shared_.io, [this] { begin_stop(); }); });
    accept();
    watch_feed();
    keep_alive();
    shared_.io.run();
    shared_.stopping = true;
    shared_.api_pool.join();
    shared_.read_pool.join();
  }

 private:
  void accept() {
    if (accepting_ || shared_.stopping || shared_.connections.size() >= shared_.options.max_connections) return;
    accepting_ = true;
    acceptor_.async_accept(shared_.io, [this](error_code error, tcp::socket socket) {
      accepting_ = false;
      if (!error) std::make_shared<Connection>(std::move(socket), shared_)->read();
      else if (!shared_.stopping) return accept_later();
      accept();
    });
  }

  // No more descriptors, most likely: some may be free soon.
  void accept_later() {
    retry_timer_.expires_after(milliseconds{100});
    retry_timer_.async_wait([this](error_code error) {
      if (!error) accept();
    });
  }

  void on_closed() {
    if (!shared_.stopping) return accept();
    if (shared_.connections.empty()) shared_.io.stop();
  }

  void watch_feed(milliseconds wait = {}) {
    feed_timer_.expires_after(wait > milliseconds{0} ? wait : shared_.options.event_interval);
    feed_timer_.async_wait([this](error_code error) {
      if (error || shared_.stopping) return;
      if (shared_.hub.size() == 0) return watch_feed();
      in_pool(
          shared_.api_pool, shared_, nullptr, [this, cursors = shared_.hub.cursors()] { return ask_feed(cursors); },
          [this](const Batches& batches) { on_changes(batches); });
    });
  }

  // On a pool.
  Batches ask_feed(const std::set<std::uint64_t>& cursors) const {
    Batches batches;
    for (const auto cursor : cursors) batches.emplace_back(cursor, shared_.context.changes->since(cursor));
    return batches;
  }

  void on_changes(const Batches& batches) {
    bool more = false, failed = false;
    for (const auto& [cursor, changes] : batches) {
      if (changes) shared_.hub.deliver(cursor, *changes);
      if (changes && changes->changed.size() >= kFullBatch) more = true;
      if (!changes && !feed_failed_) log::warn("the change feed failed: {}", changes.error().message);
      failed = failed || !changes;
    }
    feed_failed_ = failed;
    watch_feed(more ? milliseconds{1} : milliseconds{0});
  }

  void keep_alive() {
    keep_alive_timer_.expires_after(shared_.options.keep_alive);
    keep_alive_timer_.async_wait([this](error_code error) {
      if (error || shared_.stopping) return;
      shared_.hub.keep_alive();
      keep_alive();
    });
  }

  void begin_stop() {
    shared_.stopping = true;
    error_code ignored;
    ignored = acceptor_.close(ignored);
    if (shared_.connections.empty()) return shared_.io.stop();
    for (auto* connection : std::set(shared_.connections)) connection->stop();
    goodbye_timer_.expires_after(kGoodbye);
    goodbye_timer_.async_wait([this](error_code) { shared_.io.stop(); });
  }

  Shared shared_;
  tcp::acceptor acceptor_{shared_.io};
  asio::steady_timer retry_timer_{shared_.io}, feed_timer_{shared_.io}, keep_alive_timer_{shared_.io},
      goodbye_timer_{shared_.io};
  bool accepting_ = false;
  bool feed_failed_ = false;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::address() const { return listener_->address(); }
void HttpServer::run(std::stop_token stop) { listener_->run(std::move(stop)); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(ServerOptions options, api::Context context) {
  if (!options.cors_origins.empty() && context.token.empty())
    return fail(ErrorKind::invalid_input, "other origins can be allowed only with a token");
  const auto address = TRY(resolve_listen(options.listen, !context.token.empty()));
  auto listener = std::make_unique<Listener>(std::move(options), std::move(context));
  if (auto bound = listener->bind(address); !bound) return std::unexpected(bound.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener)));
}

}  // namespace aircheck::server
