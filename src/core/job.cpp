#include "core/job.hpp"

#include <array>
#include <utility>

namespace aircheck {
namespace {

constexpr std::array<std::pair<JobStatus, std::string_view>, 8> kStatuses{{{JobStatus::pending, "PENDING"},
                                                                           {JobStatus::started, "STARTED"},
                                                                           {JobStatus::waiting, "WAITING"},
                                                                           {JobStatus::recording, "RECORDING"},
                                                                           {JobStatus::uploading, "UPLOADING"},
                                                                           {JobStatus::completed, "COMPLETED"},
                                                                           {JobStatus::failed, "FAILED"},
                                                                           {JobStatus::cancelled, "CANCELLED"}}};

constexpr std::array<std::pair<StopRequest, std::string_view>, 3> kRequests{
    {{StopRequest::none, "none"}, {StopRequest::stop, "stop"}, {StopRequest::cancel, "cancel"}}};

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
  for (const auto& [candidate, name] : table)
    if (candidate == value) return name;
  return table[0].second;
}

template <class Table>
auto value_of(const Table& table, std::string_view name) -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [value, candidate] : table)
    if (candidate == name) return value;
  return {};
}

}  // namespace

std::string_view to_string(JobStatus status) { return name_of(kStatuses, status); }
std::optional<JobStatus> job_status_from(std::string_view name) { return value_of(kStatuses, name); }
std::string_view to_string(StopRequest request) { return name_of(kRequests, request); }
std::optional<StopRequest> stop_request_from(std::string_view name) { return value_of(kRequests, name); }

bool is_terminal(JobStatus status) {
  return status == JobStatus::completed || status == JobStatus::failed || status == JobStatus::cancelled;
}

bool is_active(JobStatus status) {
  return status == JobStatus::started || status == JobStatus::recording || status == JobStatus::uploading;
}

}  // namespace aircheck
