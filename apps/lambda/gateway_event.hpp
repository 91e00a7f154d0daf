#pragma once
// API Gateway's proxy events (REST APIs, payload 1.0) to and from the requests and responses of `api`. Pure.

#include <string>
#include <string_view>

#include "api/api.hpp"

namespace aircheck::lambda {

/// `invalid_input` for what is no proxy event.
Result<api::Request> request_from_event(std::string_view event);

/// Lets pages of `origin` read the answer; nothing when it is empty. The gateway itself answers preflights.
void allow_origin(api::Response& response, const std::string& origin);

/// Recordings themselves and events are not offered here; `api` answers with a link to the former.
std::string event_response(const api::Response& response, bool is_head);

}  // namespace aircheck::lambda
