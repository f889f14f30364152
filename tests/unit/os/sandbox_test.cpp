#include "os/sandbox.hpp"

#include <cap-ng.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <tuple>

namespace mcq::os {
namespace {

/// What a child answers, by its exit status; what it does to itself ends with it.
int in_child(const std::function<int()>& answer) {
  const auto child = ::fork();
  if (child == 0) ::_exit(answer());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kAllowed = 0, kUnfiltered = 200;

/// The error number of a call that a filtered process makes; 0 when it succeeds.
int filtered(const std::function<long()>& call) {
  return in_child([&] {
    if (!filter_system_calls({AF_UNIX, AF_NETLINK})) return kUnfiltered;
    return call() == -1 ? errno : kAllowed;
  });
}

long map(int protection) {
  constexpr std::size_t kSize = 4096;
  auto* memory = ::mmap(nullptr, kSize, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? -1 : 0;
}

/// What comes of a call in this build.
int told(int outcome) { return kFiltersSystemCalls ? outcome : kUnfiltered; }

TEST(SystemCalls, ThatAQuerierNeedsAreMade) {
  EXPECT_EQ(filtered([] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }), told(kAllowed));
  EXPECT_EQ(filtered([] { return ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }),
            told(kAllowed));
  EXPECT_EQ(filtered([] { return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0); }),
            told(kAllowed));
  EXPECT_EQ(filtered([] { return map(PROT_READ | PROT_WRITE); }), told(kAllowed));
}

TEST(SystemCalls, ThatThreadsNeedAreMadeOnlyWhereTheyAreWanted) {
  const auto with = [](Threads threads, int (*start)()) {
    return in_child([=] {
      if (!filter_system_calls({}, threads)) return kUnfiltered;
      return start();
    });
  };
  const auto start_thread = [] {
    pthread_t thread{};
    return ::pthread_create(
               &thread, nullptr, [](void* p) { return p; }, nullptr) == 0
               ? ::pthread_join(thread, nullptr)
               : ENOSYS;
  };
  const auto start_process = [] {
    return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0) == -1 ? errno : 0;
  };
  EXPECT_EQ(with(Threads::kNew, start_thread), told(kAllowed));
  EXPECT_EQ(with(Threads::kNone, start_thread), told(ENOSYS));
  EXPECT_EQ(with(Threads::kNew, start_process), told(ENOSYS));
}

TEST(SystemCalls, OfThreadsThatRunAlreadyAreFiltered) {
  EXPECT_EQ(in_child([] {
              std::promise<void> filtered;
              int error = 0;
              std::thread earlier{[&, ready = filtered.get_future()] {
                ready.wait();
                error = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) == -1 ? errno : 0;
              }};
              const bool is_filtered = filter_system_calls({}, Threads::kNew).has_value();
              filtered.set_value();
              earlier.join();
              return is_filtered ? error : kUnfiltered;
            }),
            told(ENOSYS));
}

TEST(SystemCalls, ThatItDoesNotNeedAreRefused) {
  EXPECT_EQ(filtered([] { return ::open("/dev/null", O_WRONLY | O_CLOEXEC); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }),
            told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::execl("/bin/true", "true", nullptr); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::fork(); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::kill(::getppid(), 0); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::chdir("/"); }), told(ENOSYS));
}

TEST(SystemCalls, ThatMakeMemoryExecutableAreRefused) {
  EXPECT_EQ(filtered([] { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }), told(ENOSYS));
  EXPECT_EQ(filtered([] { return map(PROT_READ | PROT_EXEC); }), told(ENOSYS));
  alignas(4096) static char page[4096];
  EXPECT_EQ(filtered([] { return ::mprotect(page, sizeof page, PROT_READ | PROT_EXEC); }),
            told(ENOSYS));
  EXPECT_EQ(filtered([] { return ::mprotect(page, sizeof page, PROT_READ); }), told(kAllowed));
}

/// The C library of a 32-bit system makes calls of other names for the same.
TEST(SystemCalls, HaveTheirWiderFormsOnThirtyTwoBits) {
  std::set<std::string> allowed;
  for (const auto* name : allowed_calls()) allowed.insert(name);
  for (const auto& name : allowed) {
    EXPECT_NE(::seccomp_syscall_resolve_name(name.c_str()), __NR_SCMP_ERROR) << name;
    for (const auto* form : {"32", "64", "_time64"}) {
      const auto wider = name + form;
      for (const auto architecture :
           std::initializer_list<std::uint32_t>{SCMP_ARCH_X86, SCMP_ARCH_ARM}) {
        if (::seccomp_syscall_resolve_name_arch(architecture, wider.c_str()) < 0) continue;
        EXPECT_TRUE(allowed.contains(wider)) << wider;
      }
    }
  }
  EXPECT_FALSE(allowed.contains("socketcall") || allowed.contains("chdir"));
}

TEST(Sandbox, AbortStillEndsTheProcess) {
  EXPECT_EXIT(
      {
        (void)filter_system_calls({});
        std::abort();
      },
      testing::KilledBySignal(SIGABRT), "");
}

/// A line of /proc/self/status.
std::string status(const std::string& name) {
  std::ifstream file{"/proc/self/status"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "";
}

TEST(Sandbox, GivesUpAllCapabilitiesButTheOneThatIsKept) {
  constexpr unsigned long kRaw = 1UL << 13U;
  for (const auto& [kept, allowed] :
       {std::tuple{Privilege::kRawSockets, kRaw}, std::tuple{Privilege::kNone, 0UL}}) {
    SCOPED_TRACE(allowed);
    const auto before = std::stoul(status("CapPrm"), nullptr, 16);
    EXPECT_EQ(in_child([&, kept = kept, allowed = allowed] {
                if (!give_up_privileges(std::nullopt, kept)) return 1;
                for (const auto* set : {"CapPrm", "CapEff"}) {
                  if (std::stoul(status(set), nullptr, 16) != (before & allowed)) return 2;
                }
                for (const auto* set : {"CapInh", "CapAmb"}) {
                  if (std::stoul(status(set), nullptr, 16) != 0) return 3;
                }
                return status("NoNewPrivs") == "1" ? 0 : 4;
              }),
              0);
  }
}

TEST(Sandbox, UsesRawSocketsWhereTheyArePermittedAndNowhereElse) {
  constexpr unsigned long kRaw = 1UL << 13U;
  const auto permitted = std::stoul(status("CapPrm"), nullptr, 16) & kRaw;
  for (const bool keep : {true, false}) {
    SCOPED_TRACE(keep);
    EXPECT_EQ(in_child([&] {
                capng_clear(CAPNG_SELECT_CAPS);
                if (keep && permitted != 0) capng_update(CAPNG_ADD, CAPNG_PERMITTED, CAP_NET_RAW);
                if (capng_apply(CAPNG_SELECT_CAPS) != 0) return 1;
                use_raw_sockets();
                return std::stoul(status("CapEff"), nullptr, 16) == (keep ? permitted : 0) ? 0 : 2;
              }),
              0);
  }
}

TEST(Sandbox, BecomesAnotherOnlyWhereItIsRoot) {
  const auto account = lesser_account();
  if (::geteuid() != 0) {
    EXPECT_FALSE(account);
    return;
  }
  if (!account) GTEST_SKIP() << "root without the capability to become another";
  EXPECT_NE(account->user, 0U);
  for (const auto kept : {Privilege::kRawSockets, Privilege::kNone}) {
    EXPECT_EQ(in_child([&] {
                ::prctl(PR_SET_PDEATHSIG, SIGTERM);
                if (!give_up_privileges(account, kept)) return 1;
                int signal = 0;
                ::prctl(PR_GET_PDEATHSIG, &signal);
                if (signal != SIGTERM) return 2;
                if (::getuid() != account->user || ::getgid() != account->group) return 3;
                return ::setuid(0) == 0 || lesser_account() ? 4 : 0;
              }),
              0);
  }
}

TEST(SocketOwner, IsTheGroupOfTheServiceOrOfTheCaller) {
  const Account service{"igmp-querier", 990, 980}, nobody{"nobody", 65534, 65534};
  const auto group = [](const Account& account, const char* sudo_gid) {
    const auto owner = socket_owner(account, sudo_gid);
    EXPECT_EQ(owner.user, account.user);
    return owner.group;
  };
  EXPECT_EQ(group(service, "1000"), 980U);
  EXPECT_EQ(group(nobody, "1000"), 1000U);
  for (const auto* none : {"", "0", "-1", "users", "1000x", "99999999999"}) {
    EXPECT_EQ(group(nobody, none), 0U) << none;
  }
}

}  // namespace
}  // namespace mcq::os
