#pragma once

#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "sim/brain.hpp"
#include "sim/referee.hpp"
#include "sim/segment.hpp"

namespace mcq::sim {

/// A machine that runs a querier: it has a clock of its own, an address, a cable and a power
/// switch.
template <Family F>
class Station final : public Port<F> {
 public:
  using Address = typename F::Address;

  Station(World& world, std::string name, core::Link<F> link, core::Settings<F> settings,
          const MakeBrain<F>& make_brain)
      : world_(world),
        name_(std::move(name)),
        link_(std::move(link)),
        settings_(settings),
        make_brain_(make_brain) {}

  /// Its steps are not checked one by one, which takes time for each group that it knows.
  void go_without_referee() { is_refereed_ = false; }

  /// Switches the machine on.
  void start();
  void crash();
  /// Ends its querier in order.
  void stop();
  /// Carrier lost or found, and noticed.
  void set_link_up(bool up);
  /// The unspecified address takes the address away.
  /// A bridge on the link announces a change of the topology.
  void receive_bpdu() { apply(core::BpduReceived{}); }
  void readdress(const Address& self);
  void reconfigure(const core::Settings<F>& settings);
  /// What happens meanwhile is lost (suspended, the default) or waits in the socket (stopped).
  void sleep(bool keeps_mail = false);
  void wake();
  /// Its clock alone leaps by `step`, as it does where suspended time is not counted (backwards)
  /// or a virtual machine is resumed (forwards).
  void step_clock(Duration step);
  /// Ticks out of turn, which must change nothing.
  void tick() { apply(core::Tick{}); }

  void receive(const Packet<F>& packet) override;

  core::Role role() const { return querier_ ? querier_->role() : core::Role::kWaiting; }
  Address querier() const { return querier_ ? querier_->querier() : Address{}; }
  const core::Settings<F>& settings() const { return settings_; }
  const Address& address() const { return link_.self; }
  bool is_on() const { return querier_ != nullptr; }
  bool is_awake() const { return awake_; }
  bool has_link() const { return link_.up; }
  /// Whether it could ask if the election were its own.
  bool can_ask() const;
  /// Whether it receives packets.
  bool can_hear() const { return querier_ && awake_ && link_.up; }
  /// When it sent a General Query, in seconds since the start of the run.
  const std::vector<double>& asked() const { return asked_; }
  /// When it sent a message of that kind, likewise.
  const std::vector<double>& told(RouterMessage::Type type) const {
    return told_.at(static_cast<std::size_t>(type));
  }
  /// The last General Query that it sent.
  const core::SendQuery<F>& last_query() const { return last_query_; }
  /// When it asked about the group or its sources.
  std::vector<double> asked_about(const Address& group) const;
  /// The specific queries that it sent.
  const std::vector<Query<F>>& specific_queries() const { return specific_queries_; }

  /// What its table says of the group; null when it does not know of any member.
  const core::Group<F>* group(const Address& group) const {
    return querier_ ? querier_->find(group) : nullptr;
  }
  bool knows(const Address& a) const { return group(a) != nullptr; }
  std::size_t groups() const { return querier_ ? querier_->groups() : 0; }
  core::Timing timing() const { return querier_ ? querier_->timing() : core::Timing{}; }
  /// Members that its table has lost, in that order.
  const std::vector<core::MemberLost<F>>& lost() const { return lost_; }
  /// Steps that it made so far.
  int steps() const { return steps_; }

  void check_silence();

 private:
  /// What is due at one instant may take several ticks, but some day it must be done.
  static constexpr int kTicksInPlace = 100;

  TimePoint own_now() const { return world_.timeline.now() + clock_ahead_; }

  void disturb(std::string_view what);

  void apply(const core::Event<F>& event);

  void carry_out(const core::SendQuery<F>& send);
  void carry_out(const core::SendRouterMessage<F>& send);
  void carry_out(const core::RoleChanged<F>& change) const;
  void carry_out(const core::BurstBegan&) const {}
  void carry_out(const core::TopologyChanged<F>&) const {}
  void carry_out(const core::MembershipChanged<F>& change) const;
  void carry_out(const core::HostChanged<F>&) const {}
  void carry_out(const core::MemberLost<F>& lost) { lost_.push_back(lost); }
  void carry_out(const core::Noticed<F>&) const {}

  void process(const Packet<F>& packet, const Query<F>& query);
  void process(const Packet<F>& packet, const Report<F>& report);
  void process(const Packet<F>& packet, const Leave<F>& leave);
  void process(const Packet<F>& packet, const OwnReport<F>& report);
  void process(const Packet<F>& packet, const RouterMessage& message);

  /// One in the past rings at once. An alarm that is no longer right rings in vain.
  void set_alarm(TimePoint due);

  World& world_;
  std::string name_;
  core::Link<F> link_;
  core::Settings<F> settings_;
  const MakeBrain<F>& make_brain_;
  std::unique_ptr<Brain<F>> querier_;
  bool is_refereed_ = true;
  std::optional<Referee<F>> referee_;
  Duration clock_ahead_{};
  TimePoint alarm_ = kNever;
  bool awake_ = true, keeps_mail_ = false;
  std::vector<Packet<F>> mail_;
  std::vector<double> asked_;
  std::array<std::vector<double>, 3> told_;  ///< by RouterMessage::Type
  core::SendQuery<F> last_query_{};
  std::vector<double> asked_specifically_;
  std::vector<Query<F>> specific_queries_;
  std::vector<core::MemberLost<F>> lost_;
  int steps_ = 0, ticks_in_place_ = 0;
};

extern template class Station<Igmp>;
extern template class Station<Mld>;

}  // namespace mcq::sim
