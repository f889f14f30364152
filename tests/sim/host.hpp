#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "sim/segment.hpp"

namespace mcq::sim {

/// A host that receives streams: it reports twice when it joins, answers General Queries after a
/// random part of their response time, and, where IGMPv1, IGMPv2 or MLDv1 is spoken, keeps quiet
/// when a neighbour on its cable has answered for the group. A report of its newest version is
/// Report{kNewest}: what it lists does not matter here.
template <Family F>
class Host final : public Port<F> {
 public:
  using Address = typename F::Address;

  Host(World& world, Address address, typename F::Version version)
      : world_(world), address_(address), version_(version) {}

  void join(const Address& group);

  void leave(const Address& group);

  bool has_joined(const Address& group) const;

  /// From now on it answers after just this part of the response time, 0 to 100 percent.
  void answers_after(int percent_of_response_time) { percent_ = percent_of_response_time; }

  int queries_heard() const { return queries_heard_; }
  int reports_sent() const { return reports_sent_; }

  void receive(const Packet<F>& packet) override;

 private:
  struct Membership {
    Address group;
    TimePoint due;
  };
  /// RFC 2236 §8.10; also what an IGMPv1 query stands for (RFC 2236 §4).
  static constexpr Duration kUnsolicitedReportInterval = 10s;

  void hear(const Query<F>& query);

  /// A timer that is running and soon enough is left alone (RFC 2236 §3, RFC 9776 §5.2).
  void answer(Membership& membership, Duration longest);

  void suppress(const Report<F>& heard);

  void report(const Address& group);

  auto find(const Address& group) {
    return std::find_if(memberships_.begin(), memberships_.end(),
                        [&](const auto& m) { return m.group == group; });
  }

  World& world_;
  Address address_;
  typename F::Version version_;
  typename F::Version spoken_ = version_;
  std::vector<Membership> memberships_;
  std::optional<int> percent_;
  int queries_heard_ = 0, reports_sent_ = 0;
};

extern template class Host<Igmp>;
extern template class Host<Mld>;

}  // namespace mcq::sim
