#pragma once
// The routes of the interface, each a pure function. api.cpp finds the one for a request; `id` is the {id} of its path and
// is known to be a UUID.

#include <string_view>

#include "api/api.hpp"

namespace aircheck::api {

Response list_jobs(const Request& request, const Context& context, std::string_view id);
Response create_job(const Request& request, const Context& context, std::string_view id);
Response get_job(const Request& request, const Context& context, std::string_view id);
Response delete_job(const Request& request, const Context& context, std::string_view id);
Response stop_job(const Request& request, const Context& context, std::string_view id);
Response cancel_job(const Request& request, const Context& context, std::string_view id);
Response retry_job(const Request& request, const Context& context, std::string_view id);
Response get_recording(const Request& request, const Context& context, std::string_view id);
Response list_watches(const Request& request, const Context& context, std::string_view id);
Response create_watch(const Request& request, const Context& context, std::string_view id);
Response delete_watch(const Request& request, const Context& context, std::string_view id);
Response get_events(const Request& request, const Context& context, std::string_view id);
Response get_health(const Request& request, const Context& context, std::string_view id);
Response get_metrics(const Request& request, const Context& context, std::string_view id);

}  // namespace aircheck::api
