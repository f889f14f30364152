#include "instance/link_attachment.hpp"

#include <cerrno>
#include <utility>

#include "instance/link_state.hpp"

namespace mcq::instance {
namespace {

constexpr Duration kRetryInterval = 1s;

}  // namespace

template <Family F>
bool LinkAttachment<F>::update(const os::Interface* interface) {
  const bool is_other = interface == nullptr || interface->has_vlan_device ||
                        (interface_ && interface_->link() != interface->link()) ||
                        (receiver_ && !receiver_->is_attached(interface_->index));
  interface_ = interface == nullptr ? std::nullopt : std::optional{*interface};
  if (is_other) detach();
  return is_other;
}

template <Family F>
void LinkAttachment<F>::detach() {
  close_receiver();
  lock_.reset();
  reopen_at_ = kNever;
}

template <Family F>
void LinkAttachment<F>::close_receiver() {
  if (const auto receiver = std::exchange(receiver_, nullptr)) receiver->remove(received_link_);
}

template <Family F>
void LinkAttachment<F>::attach(TimePoint now) {
  reopen_at_ = kNever;
  if (!interface_ || !interface_->ethernet || interface_->has_vlan_device || receiver_) return;
  const auto link = interface_->link();
  auto receiver = receivers_.receiver_for(link);
  const auto added =
      receiver ? (*receiver)->add(link, handler_) : Result<Ok>{fail(receiver.error())};
  if (!added) {
    reopen_at_ = now + kRetryInterval;
    return monitor_.failed(monitor::kCannotOpen, monitor::Priority::kError,
                           added.error().message + "; trying again every second", now);
  }
  received_link_ = link;
  receiver_ = *std::move(receiver);
  lock(now);
}

template <Family F>
void LinkAttachment<F>::lock(TimePoint now) {
  if (lock_) return;
  auto made = os::InterfaceLock::make(interface_->link(), F::kFamilyName);
  if (made) {
    lock_.emplace(*std::move(made));
  } else if (made.error() == EADDRINUSE) {
    monitor_.failed(monitor::kServedTwice, monitor::Priority::kError,
                    "another igmp-querier on this machine serves this interface as well: stop "
                    "one of the two",
                    now);
  }
}

template <Family F>
core::Link<F> LinkAttachment<F>::link() const {
  auto link = interface_ ? link_state<F>(*interface_) : core::Link<F>{};
  link.up = link.up && receiver_ != nullptr;
  return link;
}

template <Family F>
core::WaitReason LinkAttachment<F>::wait_reason() const {
  if (!interface_) return core::WaitReason::kInterface;
  if (!interface_->ethernet) return core::WaitReason::kEthernet;
  if (interface_->is_port) return core::WaitReason::kUpperDevice;
  if (interface_->has_vlan_device) return core::WaitReason::kVlanDevice;
  if (!interface_->up) return core::WaitReason::kLink;
  return receiver_ ? core::WaitReason::kNone : core::WaitReason::kReceiver;
}

template class LinkAttachment<Igmp>;
template class LinkAttachment<Mld>;

}  // namespace mcq::instance
