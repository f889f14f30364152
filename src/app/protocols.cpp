#include "app/protocols.hpp"

#include <utility>

namespace mcq::app {
namespace {

template <Family F>
Result<std::optional<core::Settings<F>>> make_if_enabled(const ProtocolChoices& choices) {
  if (!choices.enables<F>()) return std::optional<core::Settings<F>>{};
  auto settings = make_settings<F>(choices.of<F>());
  if (!settings) return fail(std::move(settings).error());
  return std::optional{*std::move(settings)};
}

}  // namespace

ProtocolChoices ProtocolChoices::over(const ProtocolChoices& other) const {
  return {igmp.over(other.igmp), mld.over(other.mld), has_mld_table || other.has_mld_table};
}

Result<Protocols> make_protocols(const ProtocolChoices& choices) {
  auto igmp = make_if_enabled<Igmp>(choices);
  if (!igmp) return fail(std::move(igmp).error());
  auto mld = make_if_enabled<Mld>(choices);
  if (!mld) return fail("MLD: " + mld.error().message);
  return Protocols{*std::move(igmp), *std::move(mld)};
}

Result<Protocols> make_protocols_in_use(const ProtocolChoices& choices) {
  auto protocols = make_protocols(choices);
  if (protocols && !protocols->igmp && !protocols->mld) {
    return fail("neither IGMP nor MLD is enabled: one of them must be, or there is nothing to do");
  }
  return protocols;
}

}  // namespace mcq::app
