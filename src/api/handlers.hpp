#pragma once

#include "base/time.hpp"
#include "http/message.hpp"
#include "instance/instance_table.hpp"

namespace mcq::api {

/// What the API answers to a request (docs/openapi.yaml). `started` is when the daemon was. A body
/// that is made piece by piece looks at `served` until it has been sent.
http::Response answer(const http::Request& request, instance::InstanceTable& instances,
                      TimePoint started);

}  // namespace mcq::api
