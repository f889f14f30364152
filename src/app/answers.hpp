#pragma once

#include "app/http.hpp"
#include "app/served.hpp"
#include "base/time.hpp"

namespace mcq::app {

/// What the API answers to a request (docs/openapi.yaml). `started` is when the daemon was. A body
/// that is made piece by piece looks at `served` until it has been sent.
HttpAnswer answer(const HttpRequest& request, AllServed& served, TimePoint started);

}  // namespace mcq::app
