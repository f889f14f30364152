#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/ip_address.hpp"

namespace mcq::os {

/// Asks the system's resolver (files, DNS, mDNS: nsswitch.conf) for the name of a host. Blocks
/// until it answers. Empty when there is none, or more than 255 bytes; nullopt when the resolver
/// cannot tell now. Not safe for a terminal.
std::optional<std::string> resolve_host_name(const IpAddress& address);

/// Names of hosts, looked up in the background and kept. No call waits for the resolver, except
/// wait(), which has a limit. All calls are from one thread.
///
/// The first find() starts the threads, which end with the object, or with the process if the
/// resolver does not answer them.
class HostNames {
 public:
  using Clock = std::chrono::steady_clock;
  using Resolve = std::function<std::optional<std::string>(const IpAddress&)>;
  struct Limits {
    std::size_t addresses = 4096;                     ///< kept; more have no name
    std::size_t threads = 4;                          ///< lookups at a time
    Clock::duration keep = std::chrono::minutes{10};  ///< a name, or that there is none
    Clock::duration retry = std::chrono::minutes{1};  ///< after the resolver could not tell
  };

  explicit HostNames(Resolve resolve = resolve_host_name)
      : HostNames(std::move(resolve), Limits{}) {}
  HostNames(Resolve resolve, Limits limits);
  ~HostNames();
  HostNames(const HostNames&) = delete;
  HostNames& operator=(const HostNames&) = delete;

  /// Returns the name if it is known by now; else an empty string, and looks it up. A name older
  /// than `keep` is returned and looked up again, and kept while the resolver cannot tell.
  /// Link-local IPv6 addresses, which mean nothing without an interface, have no name.
  std::string find(const IpAddress& address, Clock::time_point now = Clock::now());
  /// Waits until each lookup has ended, at most for `limit`.
  void wait(std::chrono::milliseconds limit);

 private:
  struct Shared;
  void start_threads();

  std::shared_ptr<Shared> shared_;
  std::size_t threads_;
  bool is_started_ = false;
};

}  // namespace mcq::os
