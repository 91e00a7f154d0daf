#include "aircheck/client.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "aircheck/job_id.hpp"
#include "aircheck/paths.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"
#include "core/job_json.hpp"
#include "core/watch_json.hpp"
#include "net/http.hpp"

namespace aircheck::apps {
namespace {

using nlohmann::json;

constexpr milliseconds kConnectTimeout{3'000};
constexpr milliseconds kTotalTimeout{30'000};

ErrorKind kind_of(int status) {
  switch (status) {
    case 401: return ErrorKind::unauthorized;
    case 403: return ErrorKind::forbidden;
    case 404: return ErrorKind::not_found;
    case 409: return ErrorKind::conflict;
    case 429: return ErrorKind::rate_limited;
    default: return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_input;
  }
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.' && text.back() != '?' && text.back() != '!') text += '.';
  return text;
}

Error refusal(const net::HttpResponse& response, const std::string& server) {
  const auto body = json::parse(as_text(response.body), nullptr, false);
  const bool ours = body.is_object() && body.contains("detail");
  if (response.status == 401)
    return {ErrorKind::unauthorized, fmt::format("{} wants a token. Give it with --token or AIRCHECK_TOKEN", server)};
  if (!ours)
    return {kind_of(response.status),
            fmt::format("{} answered {}: is that an aircheck server? See --server", server, response.status)};
  auto message = sentence(text_member(body, "detail"));
  if (const auto hint = text_member(body, "hint"); !hint.empty()) message += " " + sentence(hint);
  message.pop_back();
  return {kind_of(response.status), std::move(message)};
}

Error unreachable(const Error& error, const std::string& server) {
  if (error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unauthorized)
    return {error.kind, fmt::format("{}: {}. See --server", server, error.message)};
  const bool refused =
      error.message.find("Couldn't connect") != std::string::npos;  // curl's words, of which that is all
  return {error.kind,
          fmt::format("no aircheck server answers at {}{}. Start it with ./run or 'aircheck serve', or name "
                      "another with --server",
                      server, refused ? "" : fmt::format(" ({})", error.message))};
}

Result<json> parse(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(ErrorKind::corrupt, "the server's answer is no JSON");
  return value;
}

std::string job_path(std::string_view id, std::string_view verb = {}) {
  return fmt::format("/jobs/{}{}{}", percent_encode(id), verb.empty() ? "" : "/", verb);
}

std::string list_path(const JobQuery& query) {
  std::string path = fmt::format("/jobs?limit={}", query.limit), statuses;
  for (const auto status : query.statuses) statuses += (statuses.empty() ? "" : ",") + std::string(to_string(status));
  if (!statuses.empty()) path += "&status=" + statuses;
  if (!query.search.empty()) path += "&q=" + percent_encode(query.search);
  if (!query.cursor.empty()) path += "&cursor=" + percent_encode(query.cursor);
  return path;
}

}  // namespace

void add_client_options(CLI::App& command, ClientOptions& options) {
  command.option_defaults()->group("Server");
  command.add_option("--server", options.server, "Address of the aircheck server, or of its API (https://…/prod)")
      ->type_name("URL")
      ->capture_default_str();
  command.add_option("--token", options.token, "Token of the server, where it wants one")->type_name("TOKEN");
  command.add_option("--token-file", options.token_file, "File whose first line is the token")->type_name("FILE");
  command.add_option("--ca-file", options.ca_file, "Certificates to trust instead of the system's (PEM)")
      ->type_name("FILE");
  command.option_defaults()->group("Options");
  command.add_flag("--json", options.json, "JSON on standard output, for other programs");
}

Result<std::string> read_token(const std::string& token, const std::string& token_file) {
  if (!token.empty() || token_file.empty()) return token;
  std::ifstream file(expand_home(token_file));
  std::string line;
  if (!std::getline(file, line))
    return fail(ErrorKind::invalid_input, fmt::format("no token can be read from {}", token_file));
  line.erase(0, line.find_first_not_of(" \t"));
  line.erase(line.find_last_not_of(" \t\r") + 1);
  if (line.empty()) return fail(ErrorKind::invalid_input, fmt::format("the first line of {} is empty", token_file));
  return line;
}

Result<Client> Client::make(const ClientOptions& options) {
  Client client;
  client.server_ = options.server.find("://") == std::string::npos ? "http://" + options.server : options.server;
  while (client.server_.ends_with('/')) client.server_.pop_back();
  // A server's API is under /api; whoever names a path has it elsewhere, as API Gateway has it under its stage.
  const bool has_path = client.server_.find('/', client.server_.find("://") + 3) != std::string::npos;
  client.api_ = has_path ? client.server_ : client.server_ + "/api";
  client.token_ = TRY(read_token(options.token, options.token_file));
  client.ca_file_ = options.ca_file;
  return client;
}

Result<Job> Client::submit(const Submission& submission) {
  json body{{"url", submission.url}};
  if (!submission.quality.empty()) body["quality"] = submission.quality;
  if (!submission.title.empty()) body["title"] = submission.title;
  if (submission.from_start) body["from_start"] = true;
  if (submission.from.count() > 0) body["from"] = fmt::format("{}s", submission.from.count());
  return job_from_json_text(TRY(call("POST", "/jobs", body.dump(-1, ' ', false, json::error_handler_t::replace))));
}

Result<JobPage> Client::list(const JobQuery& query) {
  const auto body = TRY(parse(TRY(call("GET", list_path(query)))));
  if (!body.is_object() || !body.contains("jobs"))
    return fail(ErrorKind::corrupt, "the server's answer is no list of jobs");
  JobPage page;
  for (const auto& job : body["jobs"]) page.jobs.push_back(TRY(job_from_json(job)));
  page.next = text_member(body, "next");
  return page;
}

Result<Job> Client::show(std::string_view id) { return job_from_json_text(TRY(call("GET", job_path(id)))); }

Result<Job> Client::act(std::string_view id, std::string_view verb) {
  return job_from_json_text(TRY(call("POST", job_path(id, verb))));
}

Result<void> Client::remove(std::string_view id) {
  TRY(call("DELETE", job_path(id)));
  return {};
}

Result<Watch> Client::watch(const Watch& wanted) {
  const json body{{"channel", wanted.channel},
                  {"title", wanted.title},
                  {"quality", wanted.quality},
                  {"from_start", wanted.from_start}};
  return watch_from_json_text(TRY(call("POST", "/watches", body.dump(-1, ' ', false, json::error_handler_t::replace))));
}

Result<std::vector<Watch>> Client::watches() {
  const auto body = TRY(parse(TRY(call("GET", "/watches"))));
  if (!body.is_object() || !body.contains("watches"))
    return fail(ErrorKind::corrupt, "the server's answer is no list of watches");
  std::vector<Watch> watches;
  for (const auto& watch : body["watches"]) watches.push_back(TRY(watch_from_json(watch)));
  return watches;
}

Result<void> Client::unwatch(std::string_view id) {
  TRY(call("DELETE", fmt::format("/watches/{}", percent_encode(id))));
  return {};
}

Result<std::string> Client::full_id(const std::string& prefix) {
  return full_job_id(prefix, [this](const JobQuery& query) { return list(query); });
}

Result<std::string> Client::call(const std::string& method, const std::string& path, std::string body) {
  net::HttpRequest request{.url = api_ + path, .method = method, .body = std::move(body)};
  if (!request.body.empty()) request.headers.push_back("Content-Type: application/json");
  if (!token_.empty()) request.headers.push_back("Authorization: Bearer " + token_);
  request.connect_timeout = kConnectTimeout;
  request.total_timeout = kTotalTimeout;
  request.max_redirects = 0;
  // A proxy of the environment knows nothing of this machine's own ports.
  const auto response = net::fetch_now(request, {.ca_file = ca_file_, .no_proxy = "127.0.0.1,localhost,::1"});
  if (!response) return std::unexpected(unreachable(response.error(), server_));
  if (response->status < 200 || response->status > 299) return std::unexpected(refusal(*response, server_));
  return std::string(as_text(response->body));
}

}  // namespace aircheck::apps
