#include "os/sandbox.hpp"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <cap-ng.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <memory>

#include "os/system_error.hpp"

// Sanitizers start threads, trace the process and map executable memory.
#if defined(__SANITIZE_ADDRESS__)
#define MCQ_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MCQ_SANITIZED 1
#endif
#endif

namespace mcq::os {
namespace {

constexpr std::array kAccounts{"igmp-querier", "nobody"};

bool holds(capng_type_t set, unsigned capability) {
  return capng_have_capability(set, capability) == 1;
}

bool holds_more_than(std::optional<unsigned> one) {
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if (capability != one && holds(CAPNG_PERMITTED, capability)) return true;
  }
  return false;
}

/// Whether a user or group number exists in this user namespace. /proc/self/uid_map and gid_map
/// list ranges: first number inside, first number outside, size (user_namespaces(7)). An empty or
/// missing list means that all exist.
bool exists_here(const char* map, std::uint64_t number) {
  std::ifstream ranges{map};
  bool has_ranges = false;
  for (std::uint64_t first = 0, outside = 0, size = 0; ranges >> first >> outside >> size;) {
    if (first <= number && number - first < size) return true;
    has_ranges = true;
  }
  return !has_ranges;
}

/// System calls allowed with any arguments. Names unknown to an architecture are skipped; of a call
/// in several forms, all that a C library may use must be listed.
constexpr std::array kCalls{
    // Packets, links, clients, systemd and the journal.
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "recv",
    "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto",
    "setsockopt", "shutdown",
    // The event loop: waiting, timers, signals.
    "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "epoll_create1",
    "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd2", "gettimeofday", "pipe",
    "pipe2", "poll", "ppoll", "ppoll_time64", "restart_syscall", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigreturn", "time", "timerfd_create", "timerfd_gettime", "timerfd_gettime64",
    "timerfd_settime", "timerfd_settime64",
    // Files: the log, reload of the configuration, removal of the API socket.
    "_llseek", "close", "dup", "faccessat", "faccessat2", "fcntl", "fcntl64", "fstat", "fstat64",
    "fstatat64", "lseek", "lstat", "lstat64", "newfstatat", "pread64", "read", "readlink",
    "readlinkat", "readv", "stat", "stat64", "statx", "unlink", "unlinkat", "write", "writev",
    // Memory, locks, randomness, exit.
    "brk", "exit", "exit_group", "futex", "futex_time64", "getegid", "getegid32", "geteuid",
    "geteuid32", "getgid", "getgid32", "getpid", "getrandom", "gettid", "getuid", "getuid32",
    "madvise", "mremap", "munmap", "sched_yield", "sysinfo", "uname"};

/// A system call allowed with certain arguments only.
struct Narrowed {
  const char* name;
  scmp_arg_cmp allowed;
};

scmp_arg_cmp is(unsigned argument, scmp_datum_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp has_none_of(unsigned argument, scmp_datum_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

std::array<Narrowed, 15> narrowed_calls() {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  constexpr scmp_datum_t kToWrite = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
  return {{
      {"open", has_none_of(1, kToWrite)},
      {"openat", has_none_of(2, kToWrite)},
      // No executable memory.
      {"mmap", has_none_of(2, PROT_EXEC)},
      {"mmap2", has_none_of(2, PROT_EXEC)},
      {"mprotect", has_none_of(2, PROT_EXEC)},
      // Terminals, number of bytes to read, non-blocking mode.
      {"ioctl", is(1, TCGETS)},
      {"ioctl", is(1, TCGETS2)},
      {"ioctl", is(1, TIOCGWINSZ)},
      {"ioctl", is(1, FIONREAD)},
      {"ioctl", is(1, FIONBIO)},
      // Read limits, not set them; abort() sends a signal to this process.
      {"prlimit64", is(2, 0)},
      {"getrlimit", has_none_of(0, 0)},
      {"ugetrlimit", has_none_of(0, 0)},
      {"tgkill", is(0, self)},
      {"kill", is(0, self)},
  }};
}

/// Allows a system call. Returns 0 or an error number.
int add_rule(scmp_filter_ctx filter, const char* name, unsigned count, const scmp_arg_cmp* rules) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR) return 0;  // unknown to this version of libseccomp
  return -seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, rules);
}

/// Allows new threads, but no new processes. A C library that tries clone3(2), whose arguments are
/// in memory, does without it. Returns 0 or an error number.
int allow_threads(scmp_filter_ctx filter) {
#ifdef __s390__
  constexpr unsigned kFlags = 1;
#else
  constexpr unsigned kFlags = 0;
#endif
  constexpr scmp_datum_t kThread = CLONE_VM | CLONE_THREAD;
  const scmp_arg_cmp thread{kFlags, SCMP_CMP_MASKED_EQ, kThread, kThread};
  if (const int error = add_rule(filter, "clone", 1, &thread); error != 0) return error;
  for (const auto* name : {"rseq", "set_robust_list"}) {
    if (const int error = add_rule(filter, name, 0, nullptr); error != 0) return error;
  }
  return 0;
}

/// Adds all rules and loads the filter. Returns 0 or an error number.
int load_filter(scmp_filter_ctx filter, std::initializer_list<int> families, Threads threads) {
  for (const auto family : families) {
    const auto allowed = is(0, static_cast<scmp_datum_t>(family));
    if (const int error = add_rule(filter, "socket", 1, &allowed); error != 0) return error;
  }
  for (const auto* name : kCalls) {
    if (const int error = add_rule(filter, name, 0, nullptr); error != 0) return error;
  }
  for (const auto& [name, allowed] : narrowed_calls()) {
    if (const int error = add_rule(filter, name, 1, &allowed); error != 0) return error;
  }
  if (const int error = threads == Threads::kNew ? allow_threads(filter) : 0; error != 0) {
    return error;
  }
  // Refused calls are logged by the kernel. Level 2: a binary tree of calls.
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  // Also for threads that run already.
  if (threads == Threads::kNew) seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  return -seccomp_load(filter);
}

}  // namespace

#ifdef MCQ_SANITIZED
const bool kFiltersSystemCalls = false;
#else
const bool kFiltersSystemCalls = true;
#endif

#ifdef SYS_socketcall
const bool kTellsFamilies = false;
#else
const bool kTellsFamilies = true;
#endif

std::optional<Account> lesser_account() {
  if (::geteuid() != 0 || capng_get_caps_process() != 0) return std::nullopt;
  if (!holds(CAPNG_EFFECTIVE, CAP_SETUID) || !holds(CAPNG_EFFECTIVE, CAP_SETGID)) {
    return std::nullopt;
  }
  for (const auto* name : kAccounts) {
    const auto* entry = ::getpwnam(name);  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr || entry->pw_uid == 0) continue;
    const bool exists = exists_here("/proc/self/uid_map", entry->pw_uid) &&
                        exists_here("/proc/self/gid_map", entry->pw_gid);
    if (!exists) continue;
    return Account{name, entry->pw_uid, entry->pw_gid};
  }
  return std::nullopt;
}

Account socket_owner(const Account& account, const std::string& sudo_gid) {
  auto owner = account;
  if (account.name == kAccounts.front()) return owner;
  const auto* end = sudo_gid.data() + sudo_gid.size();
  const auto parsed = std::from_chars(sudo_gid.data(), end, owner.group);
  const bool is_number = parsed.ec == std::errc{} && parsed.ptr == end;
  if (!is_number || !exists_here("/proc/self/gid_map", owner.group)) owner.group = 0;
  return owner;
}

void use_raw_sockets() {
  if (capng_get_caps_process() != 0 || !holds(CAPNG_PERMITTED, CAP_NET_RAW)) return;
  if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_NET_RAW) == 0) capng_apply(CAPNG_SELECT_CAPS);
}

Result<Ok> give_up_privileges(const std::optional<Account>& account, Privilege kept) {
  if (capng_get_caps_process() != 0) return fail("cannot read the capabilities of this process");
  const bool may_bound = holds(CAPNG_EFFECTIVE, CAP_SETPCAP);
  std::optional<unsigned> capability;
  if (kept == Privilege::kRawSockets && holds(CAPNG_PERMITTED, CAP_NET_RAW)) {
    capability = CAP_NET_RAW;
  }
  const bool holds_more = holds_more_than(capability);
  capng_clear(CAPNG_SELECT_ALL);
  if (capability) {
    constexpr auto kSets = CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET;
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(kSets), *capability);
  }
  // A change of user clears the parent death signal (prctl(2)): restore it below.
  int at_death_of_parent = 0;
  ::prctl(PR_GET_PDEATHSIG, &at_death_of_parent);
  if (may_bound && capng_apply(CAPNG_SELECT_BOUNDS) != 0) {
    return fail("cannot bound the capabilities of this process");
  }
  if (account) {
    const int done = capng_change_id(static_cast<int>(account->user),
                                     static_cast<int>(account->group), CAPNG_DROP_SUPP_GRP);
    if (done != 0) return system_failure("cannot become user '" + account->name + "'");
  }
  // The system call filter of the service unit may refuse capset(2); then there is nothing to drop.
  const bool has_given_up = capng_apply(CAPNG_SELECT_CAPS) == 0 || !holds_more;
  if (!has_given_up || capng_apply(CAPNG_SELECT_AMBIENT) != 0) {
    return fail("cannot give up the capabilities of this process");
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return system_failure("cannot renounce new privileges");
  }
  ::prctl(PR_SET_PDEATHSIG, at_death_of_parent);
  return Ok{};
}

std::vector<const char*> allowed_calls() {
  std::vector<const char*> names{kCalls.begin(), kCalls.end()};
  for (const auto& narrowed : narrowed_calls()) names.push_back(narrowed.name);
  names.push_back("socket");
  return names;
}

Result<Ok> filter_system_calls(std::initializer_list<int> families, Threads threads) {
  if (!kFiltersSystemCalls) return fail("built with sanitizers");
  // Valgrind does not support seccomp(2).
  if (seccomp_api_get() < 2) return fail(describe(ENOSYS));
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{
      seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), seccomp_release};
  if (!filter) return fail(describe(ENOMEM));
  if (const int error = load_filter(filter.get(), families, threads); error != 0)
    return fail(describe(error));
  return Ok{};
}

}  // namespace mcq::os
