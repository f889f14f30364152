#pragma once

#include <map>
#include <optional>
#include <string>

#include "instance/instance.hpp"

namespace mcq::instance {

/// What runs on an interface.
struct LinkInstances {
  std::optional<Instance<Igmp>> igmp;
  std::optional<Instance<Mld>> mld;
};

/// By the name of the interface.
using InstanceTable = std::map<std::string, LinkInstances>;

template <class All, class Call>
void for_each_instance(All& all, Call call) {
  for (auto& [name, instances] : all) {
    if (instances.igmp) call(*instances.igmp);
    if (instances.mld) call(*instances.mld);
  }
}

/// Has those whose interface is not the one that they know give up theirs. It may bear another name
/// now: who is to take it must find it free.
void detach_replaced_interfaces(InstanceTable& all, const os::InterfaceWatcher& watcher,
                                TimePoint now);

/// What all of them do, in a line: the words of each, or how many there are of each kind.
std::string summary(const InstanceTable& all);

}  // namespace mcq::instance
