#pragma once

#include <map>
#include <optional>

#include "os/interface_watcher.hpp"

struct nlmsghdr;

namespace mcq::os {

/// Applies a link or address message (rtnetlink(7)) to the interfaces, by index. Ignores other
/// messages; leaves unchanged the fields a message does not have: events of wireless drivers carry
/// little more than the name of the interface.
void apply_message(const nlmsghdr& message, std::map<int, Interface>& interfaces);

/// Returns the index of the interface of a message; none for messages without one.
std::optional<int> interface_of(const nlmsghdr& message);

}  // namespace mcq::os
