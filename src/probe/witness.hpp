#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "base/family.hpp"
#include "wire/packet.hpp"

namespace mcq::probe {

/// A report of the host after a query.
struct Answer {
  Duration after{};          ///< since the query
  int version = 0;           ///< of the report
  Ipv4Address group;         ///< the first that it names
  bool is_addressed = true;  ///< to its group, or to 224.0.0.22 in version 3
  Ipv4Address destination;
  bool operator==(const Answer&) const = default;
};

/// Listens to the LAN for one host: what it is a member of, and whether it has answered.
class Witness {
 public:
  static constexpr std::size_t kMaxGroups = 1'000;

  /// `group`: one that the host is known to be a member of.
  explicit Witness(const Ipv4Address& host, std::optional<Ipv4Address> group = std::nullopt);

  /// Forgets the answers to the query before. `group`: none after a General Query.
  void asked(std::optional<Ipv4Address> group);
  void heard(const wire::Packet<Igmp>& packet, Duration since_query);

  /// The first answer since asked().
  const std::optional<Answer>& answer() const { return answer_; }
  /// Another host whose report, since asked(), can have kept this one quiet: hosts of versions 1
  /// and 2 do not report what another has just reported (RFC 2236 §3).
  const std::optional<Ipv4Address>& quieted_by() const { return quieted_by_; }
  /// A querier that has sent a General Query.
  const std::optional<Ipv4Address>& querier() const { return querier_; }
  bool is_member() const { return !groups_.empty(); }
  /// A group of the host to ask about: if possible one that no other host has reported.
  std::optional<Ipv4Address> group_to_ask() const;

 private:
  void on_report(const wire::Packet<Igmp>& packet, const Ipv4Address& group, int version,
                 Duration since_query);
  void on_leave(const Ipv4Address& group);

  Ipv4Address host_;
  std::optional<Ipv4Address> given_, asked_group_, quieted_by_, querier_;
  std::set<Ipv4Address> groups_;  ///< that the host has reported
  std::set<Ipv4Address> shared_;  ///< that others have reported
  std::optional<Answer> answer_;
};

}  // namespace mcq::probe
