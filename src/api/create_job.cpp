// POST /jobs: what is asked for, checked field by field, then stored and queued.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "api/body.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/uuid.hpp"
#include "core/job_json.hpp"

namespace aircheck::api {
namespace {

constexpr std::size_t kMaxTitle = 300;  // bytes
constexpr std::size_t kMaxIdempotencyKey = 255;
constexpr auto kExample = R"(Send {"url": "https://www.youtube.com/watch?v=…"}.)";
constexpr milliseconds kIdempotencyWindow{10 * 60'000};
constexpr seconds kLongestFrom{30 * 24 * 3600};
constexpr std::array<std::string_view, 5> kFields{"url", "quality", "from_start", "from", "title"};

struct Wish {
  std::string url;
  std::string quality = "best";
  bool from_start = false;
  seconds from{0};
  std::string title;
};

using Checked = std::expected<Wish, Response>;

Checked check_fields(const nlohmann::json& body) {
  Wish wish;
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::find(kFields, name) == kFields.end())
      return unprocessable("There is no field named '" + name.substr(0, 40) + "'.",
                           "Known are url, quality, from_start, from and title.");
    if (value.is_null() && name != "url") continue;
    const bool fits = name == "from_start" ? value.is_boolean() : value.is_string();
    if (!fits) return unprocessable(name + (name == "from_start" ? " must be true or false." : " must be a text."));
  }
  if (!body.contains("url")) return unprocessable("url is missing.", kExample);
  const auto text = [&](const char* name, std::string fallback) {
    return body.contains(name) && !body[name].is_null() ? body[name].get<std::string>() : std::move(fallback);
  };
  wish.url = text("url", {});
  wish.title = text("title", {});
  wish.from_start = body.contains("from_start") && body["from_start"] == true;
  const auto from = parse_duration(text("from", "0"));
  if (!from || *from > kLongestFrom)
    return unprocessable("from is no duration of at most 30 days.", "Send \"90s\", \"15m\" or \"2h\".");
  wish.from = *from;
  auto quality = normal_quality(text("quality", "best"));
  if (!quality)
    return unprocessable("quality is neither best nor a height.", "Send \"best\", or a height such as \"720\".");
  wish.quality = std::move(*quality);
  if (wish.title.size() > kMaxTitle || has_control(wish.title))
    return unprocessable("title is longer than 300 bytes or has control characters.");
  return wish;
}

Checked parse_wish(const Request& request) {
  const auto body = parse_body(request, kExample);
  if (!body) return std::unexpected(body.error());
  return check_fields(*body);
}

Job new_job(Wish wish, StreamUrl url, std::string id, Instant now) {
  Job job;
  job.id = std::move(id);
  job.url = std::move(url.url);
  job.video_id = std::move(url.video_id);
  job.title = std::move(wish.title);
  job.quality = std::move(wish.quality);
  job.from_start = wish.from_start;
  job.from_ms = milliseconds{wish.from}.count();
  job.created_at = now;
  return job;
}

// A UUIDv7 whose time is the beginning of a window and whose other bits come from the key: the same key leads to the same
// id within the window, without anything to remember.
std::string id_for_key(std::string_view key, Instant now) {
  const auto window = now.time_since_epoch() / kIdempotencyWindow * kIdempotencyWindow;
  const auto time = static_cast<std::uint64_t>(window.count()) & 0xffff'ffff'ffff;
  const auto a = fnv1a(key, 1), b = fnv1a(key, 2);
  return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", time >> 16, time & 0xffff, a & 0xfff,
                     0x8000 | (a >> 48 & 0x3fff), b & 0xffff'ffff'ffff);
}

Response created(const Job& job, const Context& context, int status) {
  auto reply = json_reply(status, to_json_text(job));
  reply.headers["location"] = context.prefix + "/jobs/" + job.id;
  reply.headers["etag"] = fmt::format("\"v{}\"", job.version);
  return reply;
}

// The job that was made with this key before: in this window, or in the last.
std::optional<Response> replayed(const Context& context, std::string_view key, const Job& wanted, Instant now) {
  for (const auto time : {now, now - kIdempotencyWindow}) {
    const auto job = context.jobs.get(id_for_key(key, time));
    if (!job && job.error().kind != ErrorKind::not_found) return problem(job.error());
    if (!job) continue;
    if (job->url != wanted.url || job->quality != wanted.quality)
      return problem(422, "This Idempotency-Key was used for another request.", "Use a new key for each recording.");
    return created(*job, context, 201);
  }
  return {};
}

void enqueue(const Job& job, const Context& context) {
  const auto sent = context.queue.send(job.id, fmt::format("{}:{}", job.id, job.version));
  // The job is stored, and the reconciler queues what waits too long: the user need not be troubled.
  if (!sent) log::warn("job {} could not be queued yet: {}", job.id, sent.error().message);
  if (context.on_submitted) context.on_submitted();
}

}  // namespace

Response create_job(const Request& request, const Context& context, std::string_view) {
  const auto key = header(request, "idempotency-key");
  if (key.size() > kMaxIdempotencyKey) return problem(400, "The Idempotency-Key may have 255 characters at most.");
  auto wish = parse_wish(request);
  if (!wish) return std::move(wish.error());
  auto url = parse_stream_url(wish->url, context.urls);
  if (!url) return problem(url.error());
  const auto now = context.clock.now();
  auto job = new_job(std::move(*wish), std::move(*url), key.empty() ? make_uuid7(now) : id_for_key(key, now), now);
  if (!key.empty()) {
    if (auto reply = replayed(context, key, job, now)) return std::move(*reply);
  }
  const auto id = job.id;
  auto stored = context.jobs.create(std::move(job));
  // Two requests with one key at the same time: the other was faster.
  if (!stored && stored.error().kind == ErrorKind::conflict && !key.empty()) {
    stored = context.jobs.get(id);
    return stored ? created(*stored, context, 201) : problem(stored.error());
  }
  if (!stored) return problem(stored.error());
  enqueue(*stored, context);
  return created(*stored, context, 201);
}

}  // namespace aircheck::api
