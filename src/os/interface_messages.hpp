#pragma once

#include <map>
#include <optional>

#include "os/interface_watcher.hpp"

struct nlmsghdr;

namespace mcq::os {

/// Applies what the kernel says of a link or an address (rtnetlink(7)) to the interfaces by index.
/// Messages of another kind change nothing, nor does a message change what it does not carry: an
/// event of a wireless driver names its interface and hardly more.
void apply_message(const nlmsghdr& message, std::map<int, Interface>& interfaces);

/// The index of the interface that a message is about; nothing when it is about none.
std::optional<int> interface_of(const nlmsghdr& message);

}  // namespace mcq::os
