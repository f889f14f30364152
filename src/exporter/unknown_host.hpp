#pragma once

#include "http/message.hpp"

namespace mcq::exporter {

/// Response 421 to a request for a host that is no name of this exporter: how to allow it, as a
/// page for browsers and as JSON for programs.
http::Response unknown_host(const http::Request& request);

}  // namespace mcq::exporter
