#pragma once

#include <initializer_list>
#include <optional>

#include "os/host_socket.hpp"
#include "os/sandbox.hpp"

namespace mcq::process {

/// The names under which systemd keeps the sockets that reach this host's own kernel. The service
/// unit has them opened outside its sandbox, so that the daemon itself needs no Internet sockets.
inline constexpr const char* kHostSocketName = "host";
inline constexpr const char* kHostSocket6Name = "host6";

/// The sockets that the service unit has opened; without it, our own.
Result<os::HostSockets> host_sockets();

/// Gives up what only start-up needs, once all that needs root is open: becomes the account, keeps
/// one privilege, and opens no sockets but those of some families from then on. The log says which
/// user it is, and what this system cannot do.
Result<Ok> confine(const std::optional<os::Account>& account, os::Privilege kept,
                   std::initializer_list<int> families);

}  // namespace mcq::process
