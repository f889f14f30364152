#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "diagnose/observer.hpp"
#include "diagnose/rules.hpp"
#include "wire/records.hpp"

namespace mcq::diagnose {

/// A LAN with IGMP, as an observer sees it. Each call is one frame.
class Scene {
 public:
  static constexpr Ipv4Address kQuerier{{192, 0, 2, 1}}, kOther{{192, 0, 2, 2}};
  static constexpr Ipv4Address kHost{{192, 0, 2, 20}}, kSecondHost{{192, 0, 2, 21}};
  static constexpr Ipv4Address kSender{{192, 0, 2, 30}};
  static constexpr Ipv4Address kGroup{{239, 1, 2, 3}}, kSecondGroup{{239, 1, 2, 4}};

  void query(Duration at, Ipv4Address from = kQuerier, bool router_alert = true,
             Igmp::Version version = Igmp::Version::k2) {
    Query<Igmp> query;
    query.version = version;
    query.max_response = 10s;
    send(at, from, query, router_alert);
  }
  void report(Duration at, Ipv4Address host = kHost, Ipv4Address group = kGroup) {
    send(at, host, Report<Igmp>{Igmp::Version::k2, group});
  }
  void leave(Duration at, Ipv4Address host = kHost, Ipv4Address group = kGroup) {
    send(at, host, Leave<Igmp>{group});
  }
  /// An IGMPv3 report with one record.
  void record(Duration at, RecordType type, Ipv4Address host = kHost, Ipv4Address group = kGroup) {
    wire::Buffer bytes;
    const std::vector<Record<Igmp>> records{{type, group, {}}};
    wire::append_records<Igmp>(bytes, records);
    // append_records begins with the number of records.
    send(at, host, RecordReport<Igmp>{1, wire::Bytes{bytes}.subspan(2)});
  }
  /// A stream of ten packets a second, each of 172 bytes, until shortly before `end`.
  void stream(Duration begin, Duration end, Ipv4Address from = kSender,
              Ipv4Address group = kGroup) {
    for (auto at = begin; at < end; at += 100ms) {
      observer.received(wire::Datagram<Igmp>{from, group, 5004, 1, 172}, std::nullopt, next(at));
    }
  }
  void drop(Duration at, wire::ParseError reason) { observer.dropped(reason, next(at)); }

  LinkEvidence evidence(Duration now) const { return observer.evidence(now); }
  /// IDs and subjects of the findings.
  std::vector<std::pair<std::string, std::string>> found(Duration now) const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& finding : judge(evidence(now))) all.emplace_back(finding.id, finding.subject);
    return all;
  }

  Observer<Igmp> observer;

 private:
  Sighting next(Duration at) { return {at, ++frames_}; }
  void send(Duration at, Ipv4Address from, Message<Igmp> message, bool router_alert = true) {
    observer.received({from, Igmp::kAllNodes, router_alert, std::move(message)}, std::nullopt,
                      next(at));
  }

  std::uint64_t frames_ = 0;
};

}  // namespace mcq::diagnose
