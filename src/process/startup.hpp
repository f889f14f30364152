#pragma once

#include <initializer_list>
#include <optional>

#include "os/host_socket.hpp"
#include "os/sandbox.hpp"

namespace mcq::process {

/// The names of the sockets that systemd passes to the daemon (sd_listen_fds_with_names(3)) to
/// reach this host's own kernel. The service unit opens them outside its sandbox, so that the
/// daemon itself needs no Internet sockets.
inline constexpr const char* kHostSocketName = "host";
inline constexpr const char* kHostSocket6Name = "host6";

/// Takes the sockets that systemd passed, or opens new ones.
Result<os::HostSockets> host_sockets();

/// Drops the privileges that only start-up needs; call after everything that needs root is open.
/// Changes to `account`, keeps only the privilege `kept`, and logs the user.
Result<Ok> drop_privileges(const std::optional<os::Account>& account, os::Privilege kept);

/// Filters system calls so that only sockets of `families` can be opened and only `threads` be
/// started. Logs the steps that this system does not support.
void limit_system_calls(std::initializer_list<int> families,
                        os::Threads threads = os::Threads::kNone);

/// Does both. Fails only when privileges cannot be dropped.
Result<Ok> confine(const std::optional<os::Account>& account, os::Privilege kept,
                   std::initializer_list<int> families);

}  // namespace mcq::process
