#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/family.hpp"
#include "diagnose/evidence.hpp"
#include "diagnose/stream_table.hpp"
#include "wire/datagram.hpp"
#include "wire/packet.hpp"
#include "wire/parse_error.hpp"

namespace mcq::diagnose {

/// Watches the messages of one protocol on one link, and keeps what a judgement needs. Its memory
/// is bounded: what exceeds the limits is not followed, and LinkEvidence::is_cut says so.
template <Family F>
class Observer {
 public:
  static constexpr std::size_t kMaxQueriers = 1'000;
  static constexpr std::size_t kMaxGroups = 20'000;
  static constexpr std::size_t kMaxHosts = 20'000;
  static constexpr std::size_t kMaxMemberships = 100'000;
  static constexpr std::size_t kMaxListed = 10'000;  ///< elections; forgotten groups

  /// Takes a message. Times must not decrease.
  void received(const wire::Packet<F>& packet, std::optional<MacAddress> mac, Sighting at);
  void dropped(wire::ParseError reason, Sighting at);
  /// Takes a datagram to a group. Times must not decrease, together with those of messages.
  void received(const wire::Datagram<F>& datagram, std::optional<MacAddress> mac, Sighting at);
  /// What was seen until `now`.
  LinkEvidence evidence(Duration now) const;

 private:
  using Address = typename F::Address;

  struct Querier {
    QuerierEvidence seen;
    std::array<Duration, 101> intervals{};  ///< the latest ones, in a ring
  };
  struct Group {
    std::set<Address> hosts;
    std::uint64_t reports = 0;
    Sighting first, last;
    std::uint64_t query = 0;  ///< number of the latest General Query before its last report
  };
  struct Host {
    std::optional<MacAddress> mac;
    int version = 0;
    Sighting last;
    std::size_t groups = 0;
    std::uint64_t answered = 0;
    std::uint64_t query = 0;  ///< number of the General Query that it answered or joined after last
  };

  void on(const Query<F>& query, const wire::Packet<F>& packet, std::optional<MacAddress> mac,
          Sighting at);
  void on_report(const Address& group, const Address& host, std::optional<MacAddress> mac,
                 int version, bool is_answer, Sighting at);
  void on_leave(const Address& group, const Address& host, Sighting at);
  void find_cuts(const Address& address, const Group& group, Duration now);
  void elect(const Address& address, Sighting at);
  void drop(Group& group, const Address& host);

  std::map<Address, Querier> queriers_;
  std::optional<Address> elected_;
  Sighting elected_last_;  ///< General Query of the elected querier
  Duration elected_interval_{};
  std::vector<ElectionEvidence> elections_;
  std::map<Address, Group> groups_;
  std::map<Address, Host> hosts_;
  std::vector<ForgottenEvidence> forgotten_;
  StreamTable<F> streams_;
  std::vector<CutEvidence> cuts_;
  std::array<MalformedEvidence, wire::kParseErrorCount> malformed_{};
  std::size_t memberships_ = 0;
  std::uint64_t queries_ = 0, general_queries_ = 0, reports_ = 0, leaves_ = 0;
  Duration answers_due_{};  ///< when the answers to the latest General Query must be here
  bool is_cut_ = false;
};

extern template class Observer<Igmp>;
extern template class Observer<Mld>;

}  // namespace mcq::diagnose
