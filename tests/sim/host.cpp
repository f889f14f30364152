#include "sim/host.hpp"

namespace mcq::sim {

template <Family F>
void Host<F>::listen(const Address& group, const Filter<F>& filter) {
  auto membership = find(group);
  if (membership == memberships_.end()) {
    if (filter.is_empty()) return;
    memberships_.push_back({.group = group});
    membership = memberships_.end() - 1;
  }
  const auto before = std::exchange(membership->filter, filter);
  if (before == filter) return;
  membership->changed = world_.timeline.now();
  if (filter.is_empty()) {
    membership->answer_due = kNever;
    membership->asked.clear();
  }
  if (spoken() != F::kNewest) return change_older(*membership, !before.is_empty());
  note_changes(*membership, before);
  send_changes(group);
}

template <Family F>
void Host<F>::report_again() {
  std::vector<Address> groups;
  for (const auto& membership : memberships_) groups.push_back(membership.group);
  for (const auto& group : groups) {
    auto& membership = *find(group);
    if (membership.filter.is_empty()) continue;
    if (spoken() != F::kNewest) {
      change_older(membership, false);
    } else {
      note_changes(membership, {});
      send_changes(group);
    }
  }
}

template <Family F>
bool Host<F>::has_joined(const Address& group) const {
  return std::any_of(memberships_.begin(), memberships_.end(),
                     [&](const auto& m) { return m.group == group && !m.filter.is_empty(); });
}

template <Family F>
typename Host<F>::Version Host<F>::spoken() const {
  const auto now = world_.timeline.now();
  const auto oldest = std::find_if(older_until_.begin(), older_until_.end(),
                                   [&](TimePoint until) { return until > now; });
  return std::min(version_, static_cast<Version>(oldest - older_until_.begin() + 1));
}

template <Family F>
void Host<F>::receive(const Packet<F>& packet) {
  if (const auto* query = std::get_if<Query<F>>(&packet.message)) return process(*query);
  if (const auto* other = std::get_if<Report<F>>(&packet.message)) suppress(*other);
}

/// IGMPv1 knows neither response times nor specific queries, which are not sent to all hosts.
template <Family F>
void Host<F>::process(const Query<F>& query) {
  if (!query.is_general() && version_ == F::kNoResponseTime) return;
  const bool says_no_time = version_ == F::kNoResponseTime || query.version == F::kNoResponseTime;
  const auto longest = says_no_time ? kUnsolicitedReportInterval : query.max_response;
  if (query.robustness != 0) robustness_ = query.robustness;
  if (!query.is_general()) return receive_specific(query, longest);
  ++queries_received_;
  heed_version(query, longest);
  receive_general(longest);
}

/// RFC 9776 §7.2.1, with the time of §8.12; RFC 2236 §4.
template <Family F>
void Host<F>::heed_version(const Query<F>& query, Duration longest) {
  if (query.version >= version_) return;
  const auto before = spoken();
  const auto present = version_ == F::kNewest ? 2 * 125s + longest : kVersion1RouterPresent;
  older_until_[static_cast<std::size_t>(query.version) - 1] = world_.timeline.now() + present;
  if (spoken() != before) cancel_everything();
}

template <Family F>
void Host<F>::receive_general(Duration longest) {
  if (spoken() != F::kNewest) {
    for (auto& membership : memberships_) promise_report(membership, longest);
    return;
  }
  const auto due = world_.timeline.now() + draw(longest);
  if (general_due_ <= due) return;
  general_due_ = due;
  world_.timeline.at(due, [this, due] {
    if (general_due_ == due) answer_all();
  });
}

/// The rules 1 and 3 to 5 of RFC 9776 §5.2.
template <Family F>
void Host<F>::receive_specific(const Query<F>& query, Duration longest) {
  const auto membership = find_member(query.group);
  if (membership == memberships_.end()) return;
  if (spoken() != F::kNewest) return promise_report(*membership, longest);
  const auto due = world_.timeline.now() + draw(longest);
  if (general_due_ <= due) return;
  auto& asked = membership->asked;
  if (membership->answer_due == kNever) {
    asked = query.sources;
  } else if (asked.empty() || query.sources.empty()) {
    asked.clear();
  } else {
    asked.insert(asked.end(), query.sources.begin(), query.sources.end());
  }
  set_answer(*membership, std::min(due, membership->answer_due));
}

/// IGMPv1 takes the report of IGMPv2 for something unknown (RFC 2236 §5).
template <Family F>
void Host<F>::suppress(const Report<F>& other) {
  if (spoken() == F::kNewest) return;
  if (version_ == F::kNoResponseTime && other.version != version_) return;
  const auto membership = find(other.group);
  if (membership == memberships_.end()) return;
  membership->answer_due = kNever;
  membership->was_last = false;
}

/// A timer that is running and soon enough is left alone (RFC 2236 §3).
template <Family F>
void Host<F>::promise_report(Membership& membership, Duration longest) {
  const auto now = world_.timeline.now();
  if (membership.answer_due > now + longest) set_answer(membership, now + draw(longest));
}

template <Family F>
void Host<F>::set_answer(Membership& membership, TimePoint due) {
  if (std::exchange(membership.answer_due, due) == due) return;
  world_.timeline.at(due, [this, due, group = membership.group] {
    const auto m = find(group);
    if (m != memberships_.end() && m->answer_due == due) answer(group);
  });
}

template <Family F>
void Host<F>::answer(const Address& group) {
  auto& membership = *find(group);
  membership.answer_due = kNever;
  const auto asked = std::exchange(membership.asked, {});
  if (spoken() != F::kNewest) return report(membership);
  if (auto record = current_state(membership, asked)) send_records({*std::move(record)});
}

template <Family F>
void Host<F>::answer_all() {
  general_due_ = kNever;
  std::vector<OwnRecord<F>> records;
  for (const auto& membership : memberships_) {
    if (auto record = current_state(membership, {})) records.push_back(*std::move(record));
  }
  if (!records.empty()) send_records(std::move(records));
}

/// What it answers when asked about some sources, or about the group (RFC 9776 §5.2).
template <Family F>
std::optional<OwnRecord<F>> Host<F>::current_state(const Membership& membership,
                                                   const std::vector<Address>& asked) const {
  const auto& filter = membership.filter;
  if (filter.is_empty()) return std::nullopt;
  const bool includes = filter.mode == core::FilterMode::kInclude;
  const auto type = includes ? RecordType::kIsIn : RecordType::kIsEx;
  if (asked.empty()) return OwnRecord<F>{type, membership.group, filter.sources};
  OwnRecord<F> record{RecordType::kIsIn, membership.group, {}};
  std::copy_if(asked.begin(), asked.end(), std::back_inserter(record.sources),
               [&](const Address& source) { return filter.wants(source); });
  return record.sources.empty() ? std::nullopt : std::optional{std::move(record)};
}

template <Family F>
void Host<F>::change_older(Membership& membership, bool was_member) {
  if (membership.filter.is_empty()) {
    const bool says_so = spoken() != F::kNoLeave && (always_leaves_ || membership.was_last);
    const auto group = membership.group;
    memberships_.erase(find(group));
    if (says_so) this->send({address_, kAllRouters<F>, Leave<F>{group}});
  } else if (!was_member) {
    report(membership);
    promise_report(membership, kUnsolicitedReportInterval);
  }
}

/// RFC 9776 §5.1: what changed is told as often as the robustness says, merged with what is still
/// to be told.
template <Family F>
void Host<F>::note_changes(Membership& membership, const Filter<F>& before) {
  const auto& [mode, sources] = membership.filter;
  auto& left = membership.source_changes_left;
  if (mode != before.mode) {
    membership.mode_changes_left = robustness_;
    return left.clear();
  }
  std::vector<Address> changed;
  std::set_symmetric_difference(sources.begin(), sources.end(), before.sources.begin(),
                                before.sources.end(), std::back_inserter(changed));
  for (const auto& source : changed) {
    std::erase_if(left, [&](const auto& entry) { return entry.first == source; });
    left.emplace_back(source, robustness_);
  }
}

template <Family F>
void Host<F>::send_changes(const Address& group) {
  auto& membership = *find(group);
  auto records = take_changes(membership);
  if (membership.mode_changes_left > 0 || !membership.source_changes_left.empty()) {
    const auto due = world_.timeline.now() + draw(kChangeInterval);
    membership.change_due = due;
    world_.timeline.at(due, [this, due, group] {
      const auto m = find(group);
      if (m != memberships_.end() && m->change_due == due) send_changes(group);
    });
  } else {
    membership.change_due = kNever;
    if (membership.filter.is_empty()) memberships_.erase(find(group));
  }
  send_records(std::move(records));
}

/// The records of the next state-change report.
template <Family F>
std::vector<OwnRecord<F>> Host<F>::take_changes(Membership& membership) {
  const auto& [group, filter] = std::tie(membership.group, membership.filter);
  const bool includes = filter.mode == core::FilterMode::kInclude;
  OwnRecord<F> allow{RecordType::kAllow, group, {}}, block{RecordType::kBlock, group, {}};
  for (auto& [source, left] : membership.source_changes_left) {
    (filter.wants(source) ? allow : block).sources.push_back(source);
    --left;
  }
  std::erase_if(membership.source_changes_left,
                [](const auto& entry) { return entry.second == 0; });
  if (membership.mode_changes_left > 0) {
    --membership.mode_changes_left;
    return {{includes ? RecordType::kToIn : RecordType::kToEx, group, filter.sources}};
  }
  std::vector<OwnRecord<F>> records;
  if (!allow.sources.empty()) records.push_back(std::move(allow));
  if (!block.sources.empty()) records.push_back(std::move(block));
  return records;
}

template <Family F>
void Host<F>::report(Membership& membership) {
  ++reports_sent_;
  membership.was_last = true;
  this->send({address_, membership.group, Report<F>{spoken(), membership.group}});
}

template <Family F>
void Host<F>::send_records(std::vector<OwnRecord<F>> records) {
  ++reports_sent_;
  this->send({address_, kReportRouters<F>, OwnReport<F>{std::move(records)}});
}

/// RFC 9776 §7.2.1
template <Family F>
void Host<F>::cancel_everything() {
  general_due_ = kNever;
  std::erase_if(memberships_, [](const auto& m) { return m.filter.is_empty(); });
  for (auto& m : memberships_) {
    m.answer_due = m.change_due = kNever;
    m.mode_changes_left = 0;
    m.source_changes_left.clear();
    m.asked.clear();
  }
}

template <Family F>
Duration Host<F>::draw(Duration longest) {
  return percent_ ? longest * *percent_ / 100 : world_.random.between(Duration{}, longest);
}

template class Host<Igmp>;
template class Host<Mld>;

}  // namespace mcq::sim
