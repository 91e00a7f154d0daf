#pragma once
// One HTTP transfer on one curl easy handle: sets the handle up from a request, collects the answer, translates curl's
// verdict. Owned by the Loop; not thread-safe.

#include <curl/curl.h>

#include <memory>

#include "net/buffer_pool.hpp"
#include "net/http.hpp"

namespace aircheck::net {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

/// Bytes of bodies so far.
struct Traffic {
  std::uint64_t received = 0, sent = 0;
  bool operator==(const Traffic&) const = default;
};

class Transfer {
 public:
  /// Borrows the pool, out of which the body's memory comes, and counts the bytes of its bodies into `traffic`.
  Transfer(Easy easy, HttpRequest request, const HttpOptions& options, BufferPool& buffers, Traffic& traffic);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const { return easy_.get(); }
  /// To be called once, when curl has said CURLMSG_DONE with `code`.
  Result<HttpResponse> finish(CURLcode code);
  /// After finish(): a server has answered, and not a proxy that wants to know who we are.
  bool was_answered() const { return answered_; }
  /// The handle, reset, for the next transfer.
  Easy release();

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* to, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  std::size_t take_body(ByteView data);
  void keep(ByteView data);
  void take_header(std::string_view line);
  void set_target(const HttpOptions& options);
  void set_body();
  void set_limits();
  void set_callbacks();
  Error transport_error(CURLcode code) const;

  Easy easy_;
  HttpRequest request_;
  BufferPool& buffers_;
  Traffic& traffic_;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  HttpResponse response_;
  std::size_t sent_piece_ = 0, sent_ = 0;  // of the borrowed body: which piece is sent, and how much of it
  std::size_t announced_ = 0;              // content-length
  bool sunk_ = false;                      // the sink takes the body
  bool too_long_ = false;
  bool answered_ = false;
  char message_[CURL_ERROR_SIZE] = {};
};

/// curl_global_init, once per process.
void initialise_curl();

}  // namespace aircheck::net
