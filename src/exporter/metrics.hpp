#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace mcq::exporter {

/// What the exporter knows, in the text format of Prometheus (version 0.0.4). `status` is a Status
/// of docs/openapi.yaml, null when the daemon does not answer; `groups` an array of its Group. They
/// may come from another version of the daemon: what is missing there, or of another kind than
/// expected, is left out here.
std::string metrics(const nlohmann::json* status, const nlohmann::json& groups);

}  // namespace mcq::exporter
