#pragma once

#include <memory>
#include <optional>

#include "core/event.hpp"
#include "core/wait_reason.hpp"
#include "instance/packet_receiver.hpp"
#include "monitor/link_monitor.hpp"
#include "os/interface_lock.hpp"
#include "os/interface_watcher.hpp"
#include "os/packet_socket.hpp"

namespace mcq::instance {

/// The interface of an instance, the receiver that is attached to it, and the lock on it.
template <Family F>
class LinkAttachment {
 public:
  /// `handler` gets the packets of the link. All of them must outlive this object.
  LinkAttachment(ReceiverPool<F>& receivers, PacketHandler& handler,
                 monitor::LinkMonitor<F>& monitor)
      : receivers_(receivers), handler_(handler), monitor_(monitor) {}
  ~LinkAttachment() { close_receiver(); }
  LinkAttachment(const LinkAttachment&) = delete;
  LinkAttachment& operator=(const LinkAttachment&) = delete;

  /// Takes the present state of the interface; null when none has the name. Returns whether it is
  /// another one than before, or none: then it is detached.
  bool update(const os::Interface* interface);
  /// Opens the receiver of an Ethernet interface, unless it is open. Tries again at deadline() if
  /// that fails.
  void attach(TimePoint now);
  /// When attach() is due; kNever when it is not.
  TimePoint deadline() const { return reopen_at_; }
  /// Call after notifications were lost: the interface may have been replaced by one of the same
  /// name and index.
  void renew() {
    if (receiver_) receiver_->renew(received_link_);
  }
  /// Locks the interface against another igmp-querier, unless it is locked: both would query from
  /// one address and receive nothing of each other. Call again at each query, since the other one
  /// may have ended.
  void lock(TimePoint now);

  const std::optional<os::Interface>& interface() const { return interface_; }
  /// The state of the link that the core needs; down without a receiver.
  core::Link<F> link() const;
  /// Why no packet can be sent or received; kNone if they can.
  core::WaitReason wait_reason() const;
  /// Socket to send through. Call only while link() is up.
  os::PacketSocket& socket() { return receiver_->socket(); }

 private:
  void detach();
  void close_receiver();

  ReceiverPool<F>& receivers_;
  PacketHandler& handler_;
  monitor::LinkMonitor<F>& monitor_;
  std::optional<os::Interface> interface_;
  std::shared_ptr<PacketReceiver<F>> receiver_;  ///< null while it cannot be opened
  os::LinkId received_link_;                     ///< link given to receiver_
  std::optional<os::InterfaceLock> lock_;        ///< against other processes
  TimePoint reopen_at_ = kNever;
};

extern template class LinkAttachment<Igmp>;
extern template class LinkAttachment<Mld>;

}  // namespace mcq::instance
