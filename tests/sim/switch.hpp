#pragma once

#include <deque>
#include <utility>
#include <variant>
#include <vector>

#include "sim/segment.hpp"

namespace mcq::sim {

/// How long a switch remembers, and what it does about leaves. 260 s is what the RFCs before 2025
/// give a membership, and what most switches use.
struct Aging {
  Duration member = 260s;
  Duration router = 300s;
  /// The careful switch ends a membership after a leave only when a querier has asked and nobody
  /// answered. The hasty one ends it by itself after this time, asked or not.
  Duration after_leave = Duration::max();
  bool knows_routers = false;  ///< the administrator has told it where the queriers are
};

/// A snooping switch after RFC 4541: it learns members from reports and routers from queries that
/// have a source and from advertisements (RFC 4286), floods both, sends reports and leaves to
/// routers only, and a stream to members and routers only. It asks nothing itself and floods
/// nothing unregistered.
template <Family F>
class Switch {
 public:
  using Address = typename F::Address;

  class SwitchPort final : public Port<F> {
   public:
    SwitchPort(Switch& owner, std::size_t number) : owner_(owner), number_(number) {}
    void receive(const Packet<F>& packet) override { owner_.forward(*this, packet); }

    /// Until when a packet to the group leaves through this port, if nothing else is received.
    TimePoint carries_until(const Address& group) const {
      auto until = router_until_;
      for (const auto& member : members_) {
        if (member.group == group) until = std::max(until, member.until);
      }
      return until;
    }
    /// Somebody said that a querier is behind this port.
    void set_router() { owner_.set_router(*this, TimePoint::max()); }

   private:
    friend class Switch;
    struct Member {
      Address group;
      TimePoint until = TimePoint::min();
      TimePoint until_silent = TimePoint::min();  ///< of those who never say that they leave
      bool has_left = false;                      ///< somebody has, and nobody reported since
    };
    Member& member(const Address& group);

    Switch& owner_;
    std::size_t number_;
    TimePoint router_until_ = TimePoint::min();
    std::vector<Member> members_;
  };

  Switch(World& world, Aging aging) : world_(world), aging_(aging) {}

  SwitchPort& add_port() { return ports_.emplace_back(*this, ports_.size()); }
  /// Forgets all members, as after a restart or a change of the topology.
  void forget_members() {
    ++lessons_;
    for (auto& port : ports_) port.members_.clear();
  }
  /// Packets that may have taught something, so far.
  int lessons() const { return lessons_; }

 private:
  void forward(SwitchPort& in, const Packet<F>& packet);

  void learn(SwitchPort& in, const Packet<F>& packet, const Query<F>& query);
  void learn(SwitchPort& in, const Packet<F>& packet, const Report<F>& report);
  void learn(SwitchPort& in, const Packet<F>& packet, const Leave<F>& leave);
  void learn(SwitchPort& in, const Packet<F>& packet, const OwnReport<F>& report);
  void learn(SwitchPort& in, const Packet<F>& packet, const RouterMessage& message);

  void set_router(SwitchPort& port, TimePoint until);
  void end_soon(typename SwitchPort::Member& member, Duration left);

  World& world_;
  Aging aging_;
  std::deque<SwitchPort> ports_;
  std::vector<SwitchPort*> routers_;  ///< those that ever led to a router, in the order of ports
  int lessons_ = 0;
};

extern template class Switch<Igmp>;
extern template class Switch<Mld>;

}  // namespace mcq::sim
