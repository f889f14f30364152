#include "config/protocol_options.hpp"

#include <utility>

namespace mcq::config {
namespace {

template <Family F>
Result<std::optional<core::Settings<F>>> make_if_enabled(const ProtocolOptions& choices) {
  if (!choices.enables<F>()) return std::optional<core::Settings<F>>{};
  auto settings = make_settings<F>(choices.of<F>());
  if (!settings) return fail(std::move(settings).error());
  return std::optional{*std::move(settings)};
}

}  // namespace

ProtocolOptions ProtocolOptions::over(const ProtocolOptions& other) const {
  return {igmp.over(other.igmp), mld.over(other.mld), has_mld_table || other.has_mld_table};
}

Result<ProtocolSettings> make_protocol_settings(const ProtocolOptions& choices) {
  auto igmp = make_if_enabled<Igmp>(choices);
  if (!igmp) return fail(std::move(igmp).error());
  auto mld = make_if_enabled<Mld>(choices);
  if (!mld) return fail("MLD: " + mld.error().message);
  return ProtocolSettings{*std::move(igmp), *std::move(mld)};
}

Result<ProtocolSettings> make_protocol_settings_in_use(const ProtocolOptions& choices) {
  auto protocols = make_protocol_settings(choices);
  if (protocols && !protocols->igmp && !protocols->mld) {
    return fail("neither IGMP nor MLD is enabled: one of them must be, or there is nothing to do");
  }
  return protocols;
}

}  // namespace mcq::config
