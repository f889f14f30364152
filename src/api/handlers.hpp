#pragma once

#include "api/bridge_json.hpp"
#include "base/time.hpp"
#include "http/message.hpp"
#include "instance/instance_table.hpp"

namespace mcq::api {

/// Answers a request (docs/openapi.yaml). `started`: start time of the daemon. A body source in the
/// response reads `instances`, and calls `name_of`, until it has been sent.
http::Response answer(const http::Request& request, instance::InstanceTable& instances,
                      const NameOf& name_of, TimePoint started);

}  // namespace mcq::api
