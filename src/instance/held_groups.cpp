#include "instance/held_groups.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <concepts>

#include "os/system_error.hpp"
#include "text/printable.hpp"

namespace mcq::instance {
namespace {

constexpr Duration kRetryInterval = 1min;

/// The limit of IPv4 counts all groups of the socket, thus those of all interfaces.
template <Family F>
std::string reason(int error_number) {
  if (error_number != ENOBUFS) return os::describe(error_number);
  return std::same_as<F, Igmp> ? "more groups than one socket may join: raise "
                                 "net.ipv4.igmp_max_memberships (sysctl)"
                               : "more groups than one socket may join: raise net.core.optmem_max "
                                 "(sysctl)";
}

}  // namespace

template <Family F>
void HeldGroups<F>::update(const std::vector<Address>& wanted, int interface_index, TimePoint now) {
  retry_at_ = kNever;
  if (interface_index != interface_index_) leave_all();
  interface_index_ = interface_index;
  leave_unwanted(interface_index == 0 ? std::vector<Address>{} : wanted);
  if (interface_index != 0) join_missing(wanted, now);
}

template <Family F>
void HeldGroups<F>::leave_all() {
  // Of an interface that is gone, this forgets what the socket still counts.
  for (const auto& group : joined_) socket_->leave(group, interface_index_);
  joined_.clear();
}

template <Family F>
void HeldGroups<F>::leave_unwanted(const std::vector<Address>& wanted) {
  const auto is_unwanted = [&](const Address& group) {
    if (std::find(wanted.begin(), wanted.end(), group) != wanted.end()) return false;
    socket_->leave(group, interface_index_);
    spdlog::info("{}: no longer holds {}", monitor_.name(), to_string(group));
    return true;
  };
  joined_.erase(std::remove_if(joined_.begin(), joined_.end(), is_unwanted), joined_.end());
}

template <Family F>
void HeldGroups<F>::join_missing(const std::vector<Address>& wanted, TimePoint now) {
  std::string begun, why, failed;
  for (const auto& group : wanted) {
    if (is_joined(group)) continue;
    const auto joined = socket_ == nullptr ? Result<Ok, int>{fail(EAFNOSUPPORT)}
                                           : socket_->join(group, interface_index_);
    auto& list = joined ? begun : failed;
    list += (list.empty() ? "" : ", ") + to_string(group);
    if (joined) {
      joined_.push_back(group);
    } else {
      why = reason<F>(joined.error());
    }
  }
  if (!begun.empty()) {
    spdlog::info("{}: holds {}: switches send these streams to this port from now on",
                 monitor_.name(), begun);
  }
  if (failed.empty()) return;
  retry_at_ = now + kRetryInterval;
  monitor_.failed(
      monitor::kCannotHold, monitor::Priority::kError,
      "cannot join the held groups " + failed + ": " + why + "; trying again every minute", now);
}

template class HeldGroups<Igmp>;
template class HeldGroups<Mld>;

}  // namespace mcq::instance
