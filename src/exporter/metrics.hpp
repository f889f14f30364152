#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace mcq::exporter {

/// Formats all metrics in the Prometheus text format (version 0.0.4). `status`: a Status of
/// docs/openapi.yaml, null when the daemon does not answer. `groups`: an array of Group. Both may
/// be from another version of the daemon: omits metrics whose members are missing or have another
/// type.
std::string metrics(const nlohmann::json* status, const nlohmann::json& groups);

}  // namespace mcq::exporter
