#pragma once

#include "app/api.hpp"
#include "app/served.hpp"
#include "base/time.hpp"

namespace mcq::app {

/// What the API answers to a request (docs/openapi.yaml). `started` is when the daemon was. A body
/// that is made piece by piece looks at `served` until it has been sent.
ApiAnswer answer(const ApiRequest& request, AllServed& served, TimePoint started);

}  // namespace mcq::app
