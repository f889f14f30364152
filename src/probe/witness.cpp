#include "probe/witness.hpp"

#include <variant>

#include "wire/records.hpp"

namespace mcq::probe {
namespace {

constexpr Ipv4Address kVersion3Routers{{224, 0, 0, 22}};
constexpr int kNewest = static_cast<int>(Igmp::kNewest);

}  // namespace

Witness::Witness(const Ipv4Address& host, std::optional<Ipv4Address> group)
    : host_(host), given_(group) {
  if (group) groups_.insert(*group);
}

void Witness::asked(std::optional<Ipv4Address> group) {
  asked_group_ = group;
  answer_.reset();
  quieted_by_.reset();
}

void Witness::heard(const wire::Packet<Igmp>& packet, Duration since_query) {
  if (const auto* query = std::get_if<Query<Igmp>>(&packet.message)) {
    if (query->is_general() && !packet.source.is_unspecified()) querier_ = packet.source;
  } else if (const auto* report = std::get_if<Report<Igmp>>(&packet.message)) {
    on_report(packet, report->group, static_cast<int>(report->version), since_query);
  } else if (const auto* leave = std::get_if<Leave<Igmp>>(&packet.message)) {
    if (packet.source == host_) on_leave(leave->group);
  } else if (const auto* records = std::get_if<RecordReport<Igmp>>(&packet.message)) {
    wire::RecordReader<Igmp> reader{*records};
    while (const auto record = reader.next()) {
      using enum RecordType;
      const bool includes = record->type == kIsIn || record->type == kToIn;
      if (includes && record->sources.empty()) {
        if (packet.source == host_) on_leave(record->group);
      } else if (record->type != kBlock) {
        on_report(packet, record->group, kNewest, since_query);
      }
    }
  }
}

void Witness::on_report(const wire::Packet<Igmp>& packet, const Ipv4Address& group, int version,
                        Duration since_query) {
  if (packet.source != host_) {
    if (shared_.size() < kMaxGroups) shared_.insert(group);
    const bool may_quiet = version < kNewest && (groups_.empty() || groups_.contains(group));
    if (may_quiet && (!asked_group_ || asked_group_ == group)) quieted_by_ = packet.source;
    return;
  }
  if (groups_.size() < kMaxGroups) groups_.insert(group);
  if (answer_ || (asked_group_ && asked_group_ != group)) return;
  const auto right = version == kNewest ? kVersion3Routers : group;
  answer_ = Answer{since_query, version, group, packet.destination == right, packet.destination};
}

void Witness::on_leave(const Ipv4Address& group) {
  if (group != given_) groups_.erase(group);
}

std::optional<Ipv4Address> Witness::group_to_ask() const {
  if (given_) return given_;
  std::optional<Ipv4Address> best;
  // The last has the highest address: groups of applications are above those of 224.0.0.0/24.
  for (const auto& group : groups_) {
    if (!best || !shared_.contains(group) || shared_.contains(*best)) best = group;
  }
  return best;
}

}  // namespace mcq::probe
