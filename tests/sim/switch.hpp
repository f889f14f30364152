#pragma once

#include <deque>
#include <utility>
#include <variant>
#include <vector>

#include "sim/segment.hpp"

namespace mcq::sim {

/// How long a switch remembers. 260 s is what the RFCs before 2025 give a membership, and what
/// most switches use.
struct Aging {
  Duration member = 260s;
  Duration router = 300s;
};

/// A snooping switch after RFC 4541: it learns members from reports and routers from queries that
/// have a source, floods queries, sends reports to routers only, and a stream to members and
/// routers only. It asks nothing itself and floods nothing unregistered.
template <Family F>
class Switch {
 public:
  using Address = typename F::Address;

  class SwitchPort final : public Port<F> {
   public:
    explicit SwitchPort(Switch& owner) : owner_(owner) {}
    void receive(const Packet<F>& packet) override { owner_.forward(*this, packet); }

    /// Until when a packet to the group leaves through this port, if nothing else is heard.
    TimePoint carries_until(const Address& group) const {
      auto until = router_until_;
      for (const auto& [member, member_until] : members_) {
        if (member == group) until = std::max(until, member_until);
      }
      return until;
    }

   private:
    friend class Switch;
    Switch& owner_;
    TimePoint router_until_ = TimePoint::min();
    std::vector<std::pair<Address, TimePoint>> members_;
  };

  Switch(World& world, Aging aging) : world_(world), aging_(aging) {}

  SwitchPort& add_port() { return ports_.emplace_back(*this); }
  /// Packets that may have taught something, so far.
  int lessons() const { return lessons_; }

 private:
  void forward(SwitchPort& in, const Packet<F>& packet);

  void learn(SwitchPort& port, const Address& group, TimePoint until);

  World& world_;
  Aging aging_;
  std::deque<SwitchPort> ports_;
  int lessons_ = 0;
};

extern template class Switch<Igmp>;
extern template class Switch<Mld>;

}  // namespace mcq::sim
