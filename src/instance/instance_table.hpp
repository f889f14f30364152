#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "instance/instance.hpp"

namespace mcq::instance {

/// The instances of an interface; null if the protocol is off there.
struct LinkInstances {
  std::unique_ptr<Instance<Igmp>> igmp;
  std::unique_ptr<Instance<Mld>> mld;
};

/// All instances, by interface name.
using InstanceTable = std::map<std::string, LinkInstances>;

template <class All, class Call>
void for_each_instance(All& all, Call call) {
  for (auto& [name, instances] : all) {
    if (instances.igmp) call(*instances.igmp);
    if (instances.mld) call(*instances.mld);
  }
}

/// Detaches each instance from an interface that was deleted, replaced or renamed, so that the
/// instance of its new name can lock it.
void detach_replaced_interfaces(
    InstanceTable& all, const std::function<std::optional<os::Interface>(const std::string&)>& find,
    TimePoint now);

/// Describes all instances in a line: one by one if there are few, else their number by role.
std::string summary(const InstanceTable& all);

}  // namespace mcq::instance
