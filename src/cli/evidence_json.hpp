#pragma once

#include "diagnose/evidence.hpp"
#include "text/json.hpp"

namespace mcq::cli {

/// What was seen of a protocol on a link, as explain and doctor print it.
text::Json evidence_json(const diagnose::LinkEvidence& link);

}  // namespace mcq::cli
