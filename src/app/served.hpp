#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/instance.hpp"

namespace mcq::app {

/// What runs on an interface.
struct Served {
  std::optional<Instance<Igmp>> igmp;
  std::optional<Instance<Mld>> mld;
};

/// By the name of the interface.
using AllServed = std::map<std::string, Served>;

template <class All, class Call>
void for_each_instance(All& all, Call call) {
  for (auto& [name, served] : all) {
    if (served.igmp) call(*served.igmp);
    if (served.mld) call(*served.mld);
  }
}

/// Has those whose interface is not the one that they know give up theirs. It may bear another name
/// now: who is to take it must find it free.
void give_up_others(AllServed& all, const os::InterfaceWatcher& watcher, TimePoint now);

/// What all of them do, in a line: the words of each, or how many there are of each kind.
std::string summary(const AllServed& all);

}  // namespace mcq::app
