#include "core/job.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace aircheck {
namespace {

constexpr std::array kStatuses{
    std::pair{JobStatus::pending, std::string_view{"PENDING"}},
    std::pair{JobStatus::started, std::string_view{"STARTED"}},
    std::pair{JobStatus::waiting, std::string_view{"WAITING"}},
    std::pair{JobStatus::recording, std::string_view{"RECORDING"}},
    std::pair{JobStatus::uploading, std::string_view{"UPLOADING"}},
    std::pair{JobStatus::completed, std::string_view{"COMPLETED"}},
    std::pair{JobStatus::failed, std::string_view{"FAILED"}},
    std::pair{JobStatus::cancelled, std::string_view{"CANCELLED"}},
};

constexpr std::array kRequests{
    std::pair{StopRequest::none, std::string_view{"NONE"}},
    std::pair{StopRequest::stop, std::string_view{"STOP"}},
    std::pair{StopRequest::cancel, std::string_view{"CANCEL"}},
};

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
  for (const auto& [known, name] : table)
    if (known == value) return name;
  std::unreachable();
}

template <class Table>
auto value_of(const Table& table, std::string_view name) -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [value, known] : table)
    if (known == name) return value;
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
