#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "monitor/link_monitor.hpp"
#include "os/host_socket.hpp"

namespace mcq::instance {

/// The groups that this host joins itself on one interface, so that switches send their streams to
/// its port for a device that cannot ask.
template <Family F>
class HeldGroups {
 public:
  using Address = typename F::Address;

  /// `socket` is null if the kernel lacks the family. Both must outlive this object.
  HeldGroups(os::HostSocket<F>* socket, monitor::LinkMonitor<F>& monitor)
      : socket_(socket), monitor_(monitor) {}
  ~HeldGroups() { leave_all(); }
  HeldGroups(const HeldGroups&) = delete;
  HeldGroups& operator=(const HeldGroups&) = delete;

  /// Joins and leaves so that exactly `wanted` is joined on the interface of that index, or nothing
  /// while it is 0. Tries again at deadline() what fails.
  void update(const std::vector<Address>& wanted, int interface_index, TimePoint now);
  /// When update() is due; kNever when it is not.
  TimePoint deadline() const { return retry_at_; }

  bool is_joined(const Address& group) const {
    return std::find(joined_.begin(), joined_.end(), group) != joined_.end();
  }

 private:
  void leave_all();
  void leave_unwanted(const std::vector<Address>& wanted);
  void join_missing(const std::vector<Address>& wanted, TimePoint now);

  os::HostSocket<F>* socket_;
  monitor::LinkMonitor<F>& monitor_;
  int interface_index_ = 0;  ///< on which `joined_` are joined
  std::vector<Address> joined_;
  TimePoint retry_at_ = kNever;
};

extern template class HeldGroups<Igmp>;
extern template class HeldGroups<Mld>;

}  // namespace mcq::instance
