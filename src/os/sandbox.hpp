#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace mcq::os {

/// A user account.
struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

/// Returns the account for a process started by root: the user of the service, or `nobody` without
/// one. None when the process is not root, may not change its user, or its user namespace has no
/// such user.
std::optional<Account> lesser_account();

/// Returns the owner of what clients of the process use, such as its socket: the account of the
/// service with its group; instead of `nobody`'s, the group of whoever ran sudo, else that of root.
/// `sudo_gid`: SUDO_GID of the environment.
Account socket_owner(const Account& account, const std::string& sudo_gid);

/// A capability to keep.
enum class Privilege : std::uint8_t { kNone, kRawSockets };

/// Makes CAP_NET_RAW effective where it is only permitted, as by a file capability without its
/// effective bit: a program with that bit does not start at all where the capability is not
/// allowed.
void use_raw_sockets();

/// Drops irrevocably all capabilities but `kept`, which the process need not have, and the right to
/// gain new ones; changes to `account` when one is given. After a failure some may be left: the
/// process should exit.
Result<Ok> give_up_privileges(const std::optional<Account>& account, Privilege kept);

/// Whether this build can filter system calls: one with sanitizers cannot, as they make others.
extern const bool kFiltersSystemCalls;

/// Whether the filter can restrict the families of sockets: not where the C library may use
/// socketcall(2), as on i386, whose arguments are in memory that a filter cannot read.
extern const bool kTellsFamilies;

/// Whether threads can be started under a filter. They have the same filter.
enum class Threads : std::uint8_t { kNone, kNew };

/// Makes the kernel refuse, with ENOSYS and irrevocably, all system calls of this thread (with
/// Threads::kNew: of all threads of the process) but those of a list: no new processes, no
/// execution of programs, no writing of files, no executable memory, no sockets of other families.
/// Fails where the system has no such filter.
Result<Ok> filter_system_calls(std::initializer_list<int> families,
                               Threads threads = Threads::kNone);
/// Returns the names of the system calls of the list, for all architectures; some are allowed with
/// certain arguments only.
std::vector<const char*> allowed_calls();

}  // namespace mcq::os
