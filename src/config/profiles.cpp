#include "config/profiles.hpp"

namespace mcq::config {
namespace {

constexpr core::OtherQuerierInterval kTwoShortIntervals{70s};  ///< and a margin

}  // namespace

template <Family F>
core::Settings<F> profile_settings(Profile profile) {
  switch (profile) {
    case Profile::kHome:
      break;
    case Profile::kAv:
      return {.query_interval = 30s,
              .response_interval = 5s,
              .other_querier_interval = kTwoShortIntervals};
    case Profile::kIptv:
      return {.version = F::kNewest, .last_member_interval = 500ms, .ssm_aware = true};
    case Profile::kRfc:
      return {.query_interval = 125s,
              .startup_count = 2,
              .startup_interval = 31'250ms,
              .jitter = 0,
              .version = F::kNewest};
  }
  return {};
}
template core::Settings<Igmp> profile_settings(Profile);
template core::Settings<Mld> profile_settings(Profile);

}  // namespace mcq::config
