#include "diagnose/survey.hpp"

#include <algorithm>

namespace mcq::diagnose {

bool InterfaceEvidence::has_joined(const std::string& group) const {
  return std::any_of(joined.begin(), joined.end(),
                     [&](const auto& address) { return to_string(address) == group; });
}

bool DaemonEvidence::serves(const std::string& interface, const std::string& family) const {
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.interface == interface && link.family == family;
  });
}

const InterfaceEvidence* Survey::find(const std::string& interface) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& candidate) {
    return candidate.link.name == interface;
  });
  return found == interfaces.end() ? nullptr : &*found;
}

bool Survey::is_lan(const InterfaceEvidence& interface) const {
  const auto& link = interface.link;
  return link.up && link.ethernet && !link.is_port &&
         (!link.addresses.empty() || !link.addresses6.empty());
}

}  // namespace mcq::diagnose
