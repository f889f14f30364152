#include "sim/ledger.hpp"

namespace mcq::sim {
namespace {

/// Timers may be late by the width of a slot of the wheel.
constexpr Duration kLate = 1ms;

}  // namespace

template <Family F>
void Ledger<F>::watch(const Step<F>& step, const core::Settings<F>& settings,
                      const core::Link<F>& link, const core::Timing& timing, TimePoint own_now,
                      TimePoint now) {
  step_ = &step;
  settings_ = &settings;
  link_ = &link;
  timing_ = timing;
  own_now_ = own_now;
  now_ = now;
  check_all_ = false;
  touched_ = nullptr;
  longest_membership_ = std::max(longest_membership_, membership());
  std::visit([&](const auto& event) { on(event); }, step.event);
  if (step.role_before != core::Role::kQuerier && step.role == core::Role::kQuerier) shorten();
  check_queries();
  if (touched_ != nullptr) check(touched_group_, *touched_);
  if (!check_all_) return;
  for (auto& [group, account] : accounts_) check(group, account);
  const auto known = std::count_if(accounts_.begin(), accounts_.end(), [&](const auto& entry) {
    return step.brain.find(entry.first) != nullptr;
  });
  expect(static_cast<std::size_t>(known) == step.brain.groups(), Rule::kMembersGo, {},
         "has groups that nobody reported");
  std::erase_if(accounts_,
                [&](const auto& entry) { return step.brain.find(entry.first) == nullptr; });
}

/// Only queries of a querier above us count, and only once we have lost. They lower timers.
template <Family F>
void Ledger<F>::on(const core::QueryReceived<F>& received) {
  const auto& query = received.query;
  if (query.is_general() || query.suppress || !link_->up) return;
  auto& its = account(query.group);
  const int count = query.robustness != 0 ? query.robustness : timing_.robustness;
  const auto interval =
      query.max_response > Duration{} ? query.max_response : settings_->last_member_interval.get();
  const auto lowered = own_now_ + count * interval;
  its.must_until = std::min(its.must_until, lowered);
  const bool counts = step_->role_before == core::Role::kNonQuerier && query.sources.empty() &&
                      received.destination == query.group && !its.has_sources &&
                      !received.source.is_unspecified() && received.source != link_->self &&
                      link_->subnets.front().contains(received.source);
  if (counts) its.may_until = std::min(its.may_until, lowered);
}

template <Family F>
void Ledger<F>::on(const core::ReportReceived<F>& received) {
  if (!link_->up) return;
  auto& its = account(received.report.group);
  join(its, received.source);
  if (received.report.version != F::kNoLeave) return;
  its.silent_until = own_now_ + timing_.robustness * timing_.query_interval +
                     timing_.response_interval;  // RFC 9776 §8.13
}

template <Family F>
void Ledger<F>::on(const core::LeaveReceived<F>& received) {
  if (link_->up) doubt(account(received.leave.group), RecordType::kToIn);
}

template <Family F>
void Ledger<F>::on(const core::RecordReceived<F>& received) {
  if (!link_->up) return;
  const auto& record = received.record;
  const std::vector<Address> sources(record.sources.begin(), record.sources.end());
  auto& its = account(record.group);
  if (record.type == RecordType::kToIn && its.silent_until > own_now_) return;
  its.has_sources = its.has_sources || !sources.empty();
  for (const auto& source : sources) its.sources[source] = own_now_;
  // What raises doubts about some sources may say at once that others are wanted.
  const bool doubts = record.type == RecordType::kToIn || record.type == RecordType::kToEx ||
                      record.type == RecordType::kBlock;
  if (doubts) doubt(its, record.type);
  if (tells_of_a_member<F>(record.type, sources)) join(its, received.source);
}

template <Family F>
void Ledger<F>::on(const core::LinkChanged<F>&) {
  check_all_ = true;
  if (!link_->up) accounts_.clear();
}

/// Where that puts off the next query, members may be known until they can have answered it.
template <Family F>
void Ledger<F>::on(const core::SettingsChanged<F>&) {
  if (step_->role_before != core::Role::kQuerier) return;
  timing_ = own_timing();
  for (auto& [group, its] : accounts_) {
    its.may_until = std::max(its.may_until, own_now_ + membership());
    for (auto& [source, reported] : its.sources) reported = std::max(reported, own_now_);
  }
}

/// Of whatever version the report, the group or one of its sources lives for a membership interval.
template <Family F>
void Ledger<F>::join(Account& its, const Address& reporter) {
  its.must_until = own_now_ + membership();
  its.may_until = std::max(its.may_until, its.must_until);
  its.hosts[reporter] = own_now_;
}

/// Whoever becomes querier keeps no member for longer than its own values have it.
template <Family F>
void Ledger<F>::shorten() {
  timing_ = own_timing();
  for (auto& [group, its] : accounts_) {
    its.must_until = std::min(its.must_until, own_now_ + membership());
    its.may_until = std::min(its.may_until, own_now_ + membership());
    its.silent_until =
        std::min(its.silent_until, own_now_ + timing_.robustness * timing_.query_interval +
                                       timing_.response_interval);
  }
}

/// RFC 9776 §6.4.2 and §7.3.2. We do not ask about sources where older queries are spoken.
template <Family F>
void Ledger<F>::doubt(Account& its, RecordType type) {
  if (!asks() || its.silent_until > own_now_) return;
  const auto answered = own_now_ + time_to_answer();
  its.rounds_left = settings_->robustness.get();
  its.must_until = std::min(its.must_until, answered);
  const bool is_all = !its.has_sources || settings_->version == F::kNewest;
  if (type != RecordType::kToIn || !is_all) return;
  its.may_until = std::min(its.may_until, answered + settings_->last_member_interval.get());
}

template <Family F>
typename Ledger<F>::Account& Ledger<F>::account(const Address& group) {
  touched_ = &accounts_[group];
  touched_group_ = group;
  return *touched_;
}

template <Family F>
bool Ledger<F>::asks() const {
  return step_->role_before == core::Role::kQuerier && !settings_->proxy &&
         settings_->version != F::kNoLeave;
}

/// The queries of one step about one group are one round.
template <Family F>
void Ledger<F>::check_queries() {
  std::optional<Address> last;
  for (const auto& action : step_->actions) {
    const auto* sent = std::get_if<core::SendQuery<F>>(&action);
    if (sent == nullptr || sent->query.is_general()) continue;
    check_query(sent->query, sent->source, sent->destination);
    if (std::exchange(last, sent->query.group) != last) check_round(sent->query.group);
  }
}

template <Family F>
void Ledger<F>::check_query(const Query<F>& query, const Address& source,
                            const Address& destination) {
  const auto* group = step_->brain.find(query.group);
  expect(group != nullptr && destination == query.group && link_->up && source == link_->self &&
             !source.is_unspecified() && query.version == settings_->version &&
             query.max_response == settings_->last_member_interval.get() &&
             (query.sources.empty() || query.version == F::kNewest),
         Rule::kSpecificQuery, query.group, "was asked about as it may not be");
  if (group == nullptr || query.version != F::kNewest) return;
  const auto lowered = own_now_ + time_to_answer();  // RFC 9776 §6.6.3
  bool is_sound = !query.sources.empty() || query.suppress == (group->expires > lowered);
  for (const auto& source_group : group->sources()) {
    const bool is_asked =
        std::count(query.sources.begin(), query.sources.end(), source_group.address) != 0;
    if (is_asked) is_sound = is_sound && query.suppress == (source_group.expires > lowered);
  }
  expect(is_sound, Rule::kSpecificQuery, query.group, "was asked about with the wrong S flag");
}

/// A round that has begun goes on without the role, but none begins (RFC 9776 §6.6.2).
template <Family F>
void Ledger<F>::check_round(const Address& group) {
  auto& its = accounts_[group];
  const bool goes_on = its.rounds_left > 0;
  expect(goes_on || asks(), Rule::kLosersStartNone, group, "was asked about by a loser");
  expect(goes_on, Rule::kRounds, group, "was asked about once too often");
  expect(own_now_ >= its.next_round, Rule::kRounds, group, "was asked about again too soon");
  its.rounds_left = std::max(0, its.rounds_left - 1);
  its.next_round = own_now_ + settings_->last_member_interval.get();
}

template <Family F>
void Ledger<F>::check(const Address& group, Account& its) {
  const auto* known = step_->brain.find(group);
  if (known == nullptr) {
    expect(its.must_until <= own_now_, Rule::kMembersKept, group, "was forgotten too early");
    its = {};
  } else {
    expect(own_now_ <= its.may_until + kLate, Rule::kMembersGo, group, "is known for too long");
    check_members(*known, its);
  }
}

/// Hosts are looked through when a timer of their group ends, which is a membership interval after
/// it was set, and are kept there for a response interval more, which is half of one at most.
template <Family F>
void Ledger<F>::check_members(const core::Group<F>& group, const Account& its) {
  const auto reported = [](const auto& times, const Address& address) {
    const auto found = times.find(address);
    return found == times.end() ? TimePoint::min() : found->second;
  };
  for (const auto& host : group.hosts()) {
    expect(own_now_ <= reported(its.hosts, host.address) + 5 * longest_membership_ / 2 + kLate,
           Rule::kMembersGo, group.address, "has a host that no longer reports");
  }
  for (const auto& source : group.sources()) {
    if (!source.is_requested()) continue;
    expect(own_now_ <= reported(its.sources, source.address) + longest_membership_ + kLate,
           Rule::kMembersGo, group.address, "has a source that nobody asks for");
  }
}

template <Family F>
void Ledger<F>::expect(bool holds, Rule rule, const Address& group, const char* otherwise) {
  if (!holds)
    verdict_.broken(rule, now_, text_of(link_->self) + ": " + text_of(group) + ' ' + otherwise);
}

template class Ledger<Igmp>;
template class Ledger<Mld>;

}  // namespace mcq::sim
