#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event_loop.hpp"
#include "core/querier.hpp"
#include "core/wait_reason.hpp"
#include "instance/held_groups.hpp"
#include "instance/link_attachment.hpp"
#include "instance/packet_receiver.hpp"
#include "instance/query_sender.hpp"
#include "instance/schedule.hpp"
#include "monitor/event_publisher.hpp"
#include "monitor/link_monitor.hpp"
#include "os/host_socket.hpp"
#include "os/interface_watcher.hpp"
#include "os/packet_socket.hpp"
#include "wire/packet.hpp"

namespace mcq::instance {

/// The querier of one link and family with its sockets. Turns packets and interface changes into
/// events of the core, and its actions into packets; a LinkMonitor counts and publishes both.
template <Family F>
class Instance final : private PacketHandler, private Scheduled {
 public:
  /// Shared by the instances of a process.
  struct Environment {
    boost::asio::io_context& io;
    os::HostSocket<F>* host;  ///< null if the kernel lacks the family
    monitor::EventPublisher& publisher;
    ReceiverPool<F>& receivers;
    Schedule& schedule;
    std::function<void()> role_changed;
  };

  Instance(std::string interface_name, const core::Settings<F>& settings, Random random,
           Random secret, Environment environment, TimePoint now);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Takes the present state of the interface; null when none has the name.
  void interface_changed(const os::Interface* interface, TimePoint now);
  /// Call after notifications were lost: the interface may have been replaced by one of the same
  /// name and index.
  void renew_receiver() { attachment_.renew(); }
  void reload(const core::Settings<F>& settings, TimePoint now);
  /// Sends what a querier that ends must send. Call last.
  void stop(TimePoint now) { step(core::Stopped{}, now); }
  /// Runs what is due. Call at deadline(); calling early changes nothing.
  void tick(TimePoint now) override;
  /// When tick is due; kNever when nothing is.
  TimePoint deadline() const {
    return std::min(
        {querier_.deadline(), attachment_.deadline(), pause_.check, held_groups_.deadline()});
  }

  /// A bridge on the link announces a change of the topology.
  void received_bpdu(const MacAddress& bridge, TimePoint now);
  void received_bad_bpdu(const MacAddress& bridge, TimePoint now);

  /// Sends a General Query if we are the querier; false when we are not, or it cannot be sent.
  bool query_now(TimePoint now);
  /// Sends no query, as if the link were down, while `lease` lives, and until `end` at most. Begins
  /// again within a second, with the burst of a start.
  void pause(std::weak_ptr<const void> lease, TimePoint end, TimePoint now);
  bool is_paused() const { return pause_.check != kNever; }

  // For the API.
  const std::string& interface_name() const { return interface_name_; }
  const std::optional<os::Interface>& interface() const { return attachment_.interface(); }
  const core::Link<F>& link() const { return link_; }
  const core::Settings<F>& settings() const { return settings_; }
  const core::Querier<F>& querier() const { return querier_; }
  const monitor::LinkMonitor<F>& monitor() const { return monitor_; }
  const HeldGroups<F>& held_groups() const { return held_groups_; }
  /// The reason while the role is kWaiting; kNone otherwise.
  core::WaitReason wait_reason() const { return wait_reason_; }
  /// "eth0", "eth0 (MLD)"
  const std::string& name() const { return monitor_.name(); }
  /// "eth0: querier (192.168.1.10)", "eth0 (MLD): waiting for link"
  std::string summary() const;
  /// Counts of drops and faults by reason, in one line; empty when there are none.
  std::string fault_counts() const;

 private:
  void warn() const;
  void log_start() const;
  void forget_link(TimePoint now);
  void update_link(TimePoint now);
  core::Link<F> current_link() const;
  void end_pause_if_due(TimePoint now);
  void hold_groups(TimePoint now);
  core::WaitReason find_wait_reason() const;

  void prefetch(const os::PacketSocket::PrefetchCandidates& candidates) const override;
  void received(const os::Packet& packet, os::Traffic traffic, TimePoint now) override;
  void lost(os::Traffic traffic, std::size_t packets, TimePoint now) override;
  void receive_failed(int error_number, TimePoint now) override;
  void batch_done() override { announce_deadline(); }

  bool is_from_this_host(const wire::Packet<F>& packet, const MacAddress& sender,
                         bool is_leaving) const;
  bool is_own_query(const wire::Packet<F>& packet, bool is_from_here, TimePoint now);

  using Received = monitor::Received<F>;
  monitor::Outcome process(const Received& received, const Query<F>& query, TimePoint now);
  monitor::Outcome process(const Received& received, const Report<F>& report, TimePoint now);
  monitor::Outcome process(const Received& received, const Leave<F>& leave, TimePoint now);
  monitor::Outcome process(const Received& received, const RecordReport<F>& report, TimePoint now);
  monitor::Outcome process(const Received& received, const RouterMessage& message, TimePoint now);
  bool step(const core::Event<F>& event, TimePoint now, const MacAddress& sender = {});
  void announce_deadline();
  void perform(const core::SendQuery<F>& send, const MacAddress& sender, TimePoint now);
  void perform(const core::SendRouterMessage<F>& send, const MacAddress& sender, TimePoint now);
  void perform(const core::RoleChanged<F>& changed, const MacAddress& sender, TimePoint now);
  void perform(const core::Noticed<F>& noticed, const MacAddress& sender, TimePoint now) {
    monitor_.performed(noticed, sender, now);
  }
  void perform(const core::TopologyChanged<F>& changed, const MacAddress& sender, TimePoint now) {
    monitor_.performed(changed, sender, now);
  }
  /// The remaining actions only notify.
  template <class Action>
  void perform(const Action& action, const MacAddress&, TimePoint now) {
    monitor_.performed(action, querier_, now);
  }

  struct Pause {
    std::weak_ptr<const void> lease{};
    TimePoint end{};
    TimePoint check = kNever;  ///< whether the lease lives; kNever: not paused
  };

  std::string interface_name_;
  core::Settings<F> settings_;
  core::Querier<F> querier_;
  Environment environment_;
  monitor::LinkMonitor<F> monitor_;

  LinkAttachment<F> attachment_;
  QuerySender<F> query_sender_;
  HeldGroups<F> held_groups_;
  TimePoint announced_deadline_ = kNever;
  core::Link<F> link_;
  core::WaitReason wait_reason_ = core::WaitReason::kNone;
  bool has_started_ = false;
  Pause pause_;
};

extern template class Instance<Igmp>;
extern template class Instance<Mld>;

}  // namespace mcq::instance
