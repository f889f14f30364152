#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace mcq::os {

/// Whom a process can be.
struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

/// Whom a process becomes that root has started: the service's own user, or `nobody` where there is
/// none. None where the process is not root's, or may not become another, or where its user
/// namespace has no other.
std::optional<Account> lesser_account();

/// The capability that a process keeps.
enum class Privilege : std::uint8_t { kNone, kRawSockets };

/// Gives up for ever all capabilities but `kept` (of which it may have none), the right to gain new
/// ones and, where an account is given, being root. Fails when the process may have kept some of
/// it, and should end.
Result<Ok> give_up_privileges(const std::optional<Account>& account, Privilege kept);

/// Whether this build can: the sanitizers' own libraries need what no querier does.
extern const bool kFiltersSystemCalls;

/// Whether the list can tell families of sockets apart: not where the C library may open them by
/// socketcall(2), as on i386. Its arguments lie in memory, which no filter can read.
extern const bool kTellsFamilies;

/// From here on the kernel refuses all system calls but those of a list, with ENOSYS: no program is
/// started, no file written, no memory made executable, no socket opened but of those families.
/// Fails where the system has no such filter.
Result<Ok> filter_system_calls(std::initializer_list<int> families);
/// Names of the system calls of the list, of all architectures; some may be made with certain
/// arguments only.
std::vector<const char*> allowed_calls();

}  // namespace mcq::os
