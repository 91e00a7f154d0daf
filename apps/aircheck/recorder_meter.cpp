#include "aircheck/recorder_meter.hpp"

#include <fmt/core.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "net/http.hpp"

namespace aircheck::apps {
namespace {

using nlohmann::json;

double number_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

TaskSize own_task_size(const aws::Environment& environment) {
  const auto url = environment("ECS_CONTAINER_METADATA_URI_V4");
  if (!url) return {};
  net::HttpRequest request{.url = *url + "/task", .max_bytes = 1 << 20};
  request.connect_timeout = request.total_timeout = milliseconds{1'000};
  const auto answer = net::fetch_now(request, {.no_proxy = "*"});
  const auto value = answer ? json::parse(as_text(answer->body), nullptr, false) : json{};
  const auto limits = value.is_object() ? value.find("Limits") : value.end();
  if (!value.is_object() || limits == value.end() || !limits->is_object()) {
    log::warn("the task's metadata does not tell its size; its cost is left out");
    return {};
  }
  return {.vcpus = number_member(*limits, "CPU"), .memory_gb = number_member(*limits, "Memory") / 1024};
}

RecorderMeter::RecorderMeter(const aws::Client& client, const Prices& prices, const TaskSize& task, std::string table)
    : client_(client), prices_(prices), task_(task), table_(std::move(table)) {}

Cost RecorderMeter::cost(std::uint64_t stored) const {
  const auto charges = client_.charges();
  return estimate({.task = system_now() - begin_,
                   .vcpus = task_.vcpus,
                   .memory_gb = task_.memory_gb,
                   .s3_writes = charges.s3_writes,
                   .s3_reads = charges.s3_reads,
                   .dynamo_writes = charges.dynamo_writes,
                   .dynamo_reads = charges.dynamo_reads,
                   .stored = stored},
                  prices_);
}

// CloudWatch takes the metrics out of the line by itself; what else stands in it can be searched for.
void RecorderMeter::write(std::string_view message, const Metrics& metrics, json more) const {
  auto described = json::array();
  more["Table"] = table_;
  for (const auto& [name, unit, value] : metrics) {
    described.push_back({{"Name", name}, {"Unit", unit}});
    more[name] = value;
  }
  const auto now = system_now().time_since_epoch().count();
  const json directive{{"Namespace", "aircheck"}, {"Dimensions", {{"Table"}}}, {"Metrics", described}};
  more["_aws"] = {{"Timestamp", now}, {"CloudWatchMetrics", json::array({directive})}};
  const auto text = more.dump(-1, ' ', false, json::error_handler_t::replace);
  log::event(message, std::string_view(text).substr(1, text.size() - 2));
}

RecorderMeter::Metrics RecorderMeter::news(const Job& job) {
  // The first tells of what recorders before us have brought.
  const auto bytes = heard_ && job.bytes > bytes_ ? job.bytes - bytes_ : 0;
  const auto gaps = heard_ && job.gaps.size() > gaps_ ? job.gaps.size() - gaps_ : 0;
  heard_ = true;
  bytes_ = job.bytes;
  gaps_ = job.gaps.size();
  return {{"Bytes", "Bytes", static_cast<std::int64_t>(bytes)}, {"Gaps", "Count", static_cast<std::int64_t>(gaps)}};
}

void RecorderMeter::heartbeat(const Job& job) {
  auto metrics = news(job);
  metrics.push_back({"LagMs", "Milliseconds", job.lag_ms});
  write("heartbeat", metrics,
        {{"bytes", job.bytes}, {"lag_ms", job.lag_ms}, {"gaps", job.gaps.size()}, {"media_ms", job.media_ms}});
}

void RecorderMeter::end(const Job& job) {
  json about{{"status", to_string(job.status)},
             {"bytes", job.bytes},
             {"media_ms", job.media_ms},
             {"gaps", job.gaps.size()},
             {"attempt", job.attempt}};
  if (job.cost) {
    about["cost_microusd"] = job.cost->task_microusd + job.cost->requests_microusd;
    about["storage_microusd_month"] = job.cost->storage_microusd_month;
  }
  if (job.verdict) about["ended_by"] = job.verdict->ended_by;
  if (job.error) about["error"] = job.error->message;
  auto metrics = news(job);
  if (!is_terminal(job.status)) return write("left", metrics, std::move(about));
  const auto add = [&metrics](const char* name, bool yes) { metrics.push_back({name, "Count", yes ? 1 : 0}); };
  add("Completed", job.status == JobStatus::completed);
  add("CompletedWithHoles", job.verdict && !job.verdict->complete);
  add("Failed", job.status == JobStatus::failed);
  add("Cancelled", job.status == JobStatus::cancelled);
  write("verdict", metrics, std::move(about));
}

}  // namespace aircheck::apps
