#pragma once
// API Gateway's proxy events (REST APIs, payload 1.0) to and from the requests and responses of `api`. Pure.

#include <functional>
#include <string>
#include <string_view>

#include "api/api.hpp"

namespace aircheck::lambda {

/// `invalid_input` for what is no proxy event.
Result<api::Request> request_from_event(std::string_view event);

/// A recording is answered by 302 to the URL that `link` gives for its key; events are not offered here.
std::string event_response(const api::Response& response, bool is_head,
                           const std::function<Result<std::string>(const std::string& key)>& link);

}  // namespace aircheck::lambda
