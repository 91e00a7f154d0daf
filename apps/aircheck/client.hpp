#pragma once
// A client of the HTTP interface, as the commands need it: one blocking request after the other. Not thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "core/job.hpp"
#include "core/ports.hpp"
#include "core/watch.hpp"

namespace CLI {
class App;
}

namespace aircheck::apps {

struct ClientOptions {
  std::string server = "http://127.0.0.1:8470";
  std::string token;
  std::string token_file;  // its first line is the token, when none is given
  std::string ca_file;     // PEM bundle to trust; empty: the system's
  bool json = false;       // for machines: JSON on standard output
};

/// --server, --token, --token-file, --ca-file and --json. `options` must outlive the parse.
void add_client_options(CLI::App& command, ClientOptions& options);
/// `token`, or the first line of the file when it is empty and there is one.
Result<std::string> read_token(const std::string& token, const std::string& token_file);

struct Submission {
  std::string url;
  std::string quality;  // empty: best
  std::string title;    // empty: the stream's
  bool from_start = false;
  seconds from{0};  // so long before now; 0: now
};

class Client {
 public:
  /// `invalid_input` when the token file cannot be read.
  static Result<Client> make(const ClientOptions& options);

  /// Errors of all calls: what the server says (problem+json's detail and hint), or that it does not answer, with what to do.
  Result<Job> submit(const Submission& submission);
  Result<JobPage> list(const JobQuery& query);
  Result<Job> show(std::string_view id);
  Result<Job> act(std::string_view id, std::string_view verb);  // "stop", "cancel", "retry"
  Result<void> remove(std::string_view id);
  /// `wanted`: its channel as the user writes it, title, quality and from_start.
  Result<Watch> watch(const Watch& wanted);
  Result<std::vector<Watch>> watches();
  Result<void> unwatch(std::string_view id);
  /// The id that begins with `prefix`; `invalid_input` when there are several, `not_found` when there is none.
  Result<std::string> full_id(const std::string& prefix);

 private:
  Client() = default;
  Result<std::string> call(const std::string& method, const std::string& path, std::string body = {});

  std::string server_, api_;
  std::string token_;
  std::string ca_file_;
};

}  // namespace aircheck::apps
