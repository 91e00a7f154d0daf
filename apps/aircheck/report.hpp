#pragma once
// How a command tells its user, or the program that called it, what went wrong. Stateless.

#include "aircheck/job_view.hpp"
#include "base/result.hpp"

namespace aircheck::apps {

/// "aircheck: what went wrong" on standard error, with `json` as an object on standard output too. Returns exit status 1, or
/// 2 for `invalid_input`.
int complain(const Error& error, bool json = false);
/// The view that standard output offers now.
View standard_view();

}  // namespace aircheck::apps
