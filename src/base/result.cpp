#include "base/result.hpp"

#include <array>

namespace aircheck {
namespace {

constexpr std::array kNames{
    std::pair{ErrorKind::invalid_input, std::string_view{"invalid_input"}},
    std::pair{ErrorKind::not_found, std::string_view{"not_found"}},
    std::pair{ErrorKind::conflict, std::string_view{"conflict"}},
    std::pair{ErrorKind::unauthorized, std::string_view{"unauthorized"}},
    std::pair{ErrorKind::forbidden, std::string_view{"forbidden"}},
    std::pair{ErrorKind::rate_limited, std::string_view{"rate_limited"}},
    std::pair{ErrorKind::unavailable, std::string_view{"unavailable"}},
    std::pair{ErrorKind::timeout, std::string_view{"timeout"}},
    std::pair{ErrorKind::cancelled, std::string_view{"cancelled"}},
    std::pair{ErrorKind::corrupt, std::string_view{"corrupt"}},
    std::pair{ErrorKind::unsupported, std::string_view{"unsupported"}},
    std::pair{ErrorKind::disk_full, std::string_view{"disk_full"}},
    std::pair{ErrorKind::io, std::string_view{"io"}},
    std::pair{ErrorKind::internal, std::string_view{"internal"}},
    std::pair{ErrorKind::not_live, std::string_view{"not_live"}},
    std::pair{ErrorKind::upcoming, std::string_view{"upcoming"}},
    std::pair{ErrorKind::ended, std::string_view{"ended"}},
    std::pair{ErrorKind::private_video, std::string_view{"private_video"}},
    std::pair{ErrorKind::members_only, std::string_view{"members_only"}},
    std::pair{ErrorKind::bot_check, std::string_view{"bot_check"}},
    std::pair{ErrorKind::geo_blocked, std::string_view{"geo_blocked"}},
    std::pair{ErrorKind::login_required, std::string_view{"login_required"}},
    std::pair{ErrorKind::no_resolver, std::string_view{"no_resolver"}},
};

}  // namespace

std::string_view to_string(ErrorKind kind) {
  for (const auto& [value, name] : kNames)
    if (value == kind) return name;
  return "internal";
}

ErrorKind error_kind_from(std::string_view text) {
  for (const auto& [value, name] : kNames)
    if (name == text) return value;
  return ErrorKind::internal;
}

bool is_transient(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::rate_limited:
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
    case ErrorKind::disk_full: return true;
    default: return false;
  }
}

bool may_pass(ErrorKind kind) {
  return is_transient(kind) || kind == ErrorKind::unauthorized || kind == ErrorKind::forbidden;
}

std::unexpected<Error> wrap(const Error& error, std::string_view context) {
  return fail(error.kind, std::string(context) + ": " + error.message);
}

}  // namespace aircheck
