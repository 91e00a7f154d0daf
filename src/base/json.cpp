#include "base/json.hpp"

AIRCHECK_JSON(template)
