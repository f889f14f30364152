#include "core/host_table.hpp"

namespace mcq::core {
namespace {

/// Shortest interval between sweeps of all hosts: other queriers may query at any rate.
constexpr Duration kSweepInterval = 1min;
constexpr std::uint32_t kSilent = 2;   ///< General Queries missed by a silent host
constexpr std::uint32_t kChances = 3;  ///< as many for one that never answers, in a crowded table

}  // namespace

template <Family F>
void HostTable<F>::queried(TimePoint now) {
  if (last_query_ != kNever) answered_before_ = answered_;
  answered_ = 0;
  last_query_ = now;
  ++round_;
  if (now >= next_sweep_) forget_silent(now);
}

template <Family F>
void HostTable<F>::forget_silent(TimePoint now) {
  next_sweep_ = now + kSweepInterval;
  const bool is_crowded = hosts_.size() >= kMaxHosts / 2;
  last_ = nullptr;
  std::erase_if(hosts_, [&](const auto& entry) {
    const auto& host = entry.second;
    const auto latest = host.proves_link() && host.is_awaited ? last_report_ : now;
    return host.last_report + kMaxSilence <= latest ||
           (is_crowded && host.answered == 0 && missed(host) >= kChances);
  });
}

template <Family F>
bool HostTable<F>::is_in_time(Duration answer_time, TimePoint now) const {
  return last_query_ != kNever && now <= last_query_ + answer_time + kTransit;
}

template <Family F>
auto HostTable<F>::received_report(const Address& host, const MacAddress& mac,
                                   typename F::Version version, TimePoint now, Reporter reporter)
    -> Insertion {
  // Consecutive reports mostly come from one host, which answers for all its groups.
  if (last_ == nullptr || last_->first != host) {
    const auto found = hosts_.find(host);
    last_ = found == hosts_.end() ? nullptr : &*found;
  }
  const bool is_new = last_ == nullptr;
  if (is_new) {
    if (hosts_.size() >= kMaxHosts) return Insertion::kNoRoom;
    last_ = &*hosts_.emplace(host, KnownHost<F>{.round = round_, .since = now}).first;
  }
  auto& known = last_->second;
  known.mac = mac;
  known.version = version;
  known.round = round_;
  known.last_report = now;
  known.is_own = reporter == Reporter::kOwnHost;
  known.is_switch = known.is_switch || reporter == Reporter::kSwitch;
  known.is_awaited = true;
  known.is_lost = false;
  if (known.proves_link()) last_report_ = now, heard_ = round_;
  return is_new ? Insertion::kNew : Insertion::kKnown;
}

template <Family F>
bool HostTable<F>::may_answer(Duration answer_time, TimePoint now) const {
  if (last_ == nullptr || !is_in_time(answer_time, now)) return false;
  const auto& host = last_->second;
  return host.answered == 0 || host.answered_round != round_;
}

template <Family F>
void HostTable<F>::answered_now() {
  auto& host = last_->second;
  ++host.answered;
  host.answered_round = round_;
  if (host.proves_link()) ++answered_;
}

template <Family F>
void HostTable<F>::left_group(const Address& host) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) found->second.is_awaited = false;
}

template <Family F>
bool HostTable<F>::membership_expired(const Address& host, Duration answer_time, TimePoint now) {
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return false;
  if (missed(found->second) < rounds_over(1, answer_time, now)) return false;
  return found->second.is_lost = true;
}

template <Family F>
void HostTable<F>::clear() {
  hosts_.clear();
  last_ = nullptr;
  last_query_ = kNever;
  forgive();
  answered_ = 0;
  answered_before_.reset();
}

template <Family F>
std::size_t HostTable<F>::reported_since(TimePoint since) const {
  std::size_t count = 0;
  for (const auto& [address, host] : hosts_) count += host.last_report >= since ? 1U : 0U;
  return count;
}

template <Family F>
bool HostTable<F>::misses_queries(const KnownHost<F>& host, typename F::Version version,
                                  Duration answer_time, TimePoint now) const {
  const bool speaks_for_itself = version == F::kNewest && host.version == F::kNewest;
  const auto latest = host.proves_link() ? last_report_ : now;
  return host.is_awaited && (speaks_for_itself || host.is_lost) &&
         host.last_report + kMaxSilence > latest &&
         missed(host) >= rounds_over(kSilent, answer_time, now);
}

template <Family F>
std::uint32_t HostTable<F>::unheard(Duration answer_time, TimePoint now) const {
  const auto queries = round_ - std::max(heard_, forgiven_);
  return is_answer_over(answer_time, now) || queries == 0 ? queries : queries - 1;
}

template <Family F>
auto HostTable<F>::census(typename F::Version version, Duration answer_time, TimePoint now) const
    -> Census {
  Census census;
  const auto of_late = rounds_over(kSilent, answer_time, now);
  for (const auto& [address, host] : hosts_) {
    const bool answers =
        host.proves_link() && host.answered > 0 && round_ - host.answered_round < of_late;
    const bool silent = is_silent(host, version, answer_time, now);
    census.answering += answers ? 1U : 0U;
    census.silent += silent ? 1U : 0U;
    census.never_answered += silent && host.answered == 0 ? 1U : 0U;
  }
  return census;
}

template <Family F>
const KnownHost<F>* HostTable<F>::find(const Address& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? nullptr : &found->second;
}

template class HostTable<Igmp>;
template class HostTable<Mld>;

}  // namespace mcq::core
