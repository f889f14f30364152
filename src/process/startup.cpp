#include "process/startup.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "os/systemd.hpp"
#include "process/notifier.hpp"

namespace mcq::process {

Result<os::HostSockets> host_sockets() {
  auto left = os::take_stored_sockets();
  const auto igmp = left.find(kHostSocketName);
  if (igmp == left.end()) return os::HostSockets::open();
  os::HostSockets sockets{os::HostSocket<Igmp>::adopt(std::move(igmp->second)), std::nullopt};
  const auto mld = left.find(kHostSocket6Name);
  if (mld != left.end()) sockets.mld = os::HostSocket<Mld>::adopt(std::move(mld->second));
  return sockets;
}

Result<Ok> drop_privileges(const std::optional<os::Account>& account, os::Privilege kept) {
  if (auto done = os::give_up_privileges(account, kept); !done) return done;
  const auto* with = kept == os::Privilege::kRawSockets ? "with CAP_NET_RAW and nothing else"
                                                        : "without any capability";
  if (account) {
    spdlog::info("Running as user '{}', {}", account->name, with);
  } else if (::geteuid() == 0) {
    spdlog::warn("cannot become another user: stays root, {}", with);
  }
  return Ok{};
}

void limit_system_calls(std::initializer_list<int> families, os::Threads threads) {
  const auto filtered = os::filter_system_calls(families, threads);
  if (!filtered) {
    spdlog::warn("system calls are not filtered: {}", filtered.error().message);
  } else if (!os::kTellsFamilies) {
    spdlog::info("sockets of any family can be opened: no filter sees into socketcall(2)");
  }
}

Result<Ok> confine(const std::optional<os::Account>& account, os::Privilege kept,
                   std::initializer_list<int> families) {
  if (auto done = drop_privileges(account, kept); !done) return done;
  limit_system_calls(families);
  return Ok{};
}

}  // namespace mcq::process
