#include "core/host_table.hpp"

namespace mcq::core {
namespace {

/// Forgetting looks at all hosts, and others may ask as often as they like.
constexpr Duration kSweepInterval = 1min;
constexpr std::uint32_t kChances = 3;  ///< for one that never answers, where room is scarce

}  // namespace

template <Family F>
void HostTable<F>::asked(TimePoint now) {
  if (last_query_ != kNever) answered_before_ = answered_;
  answered_ = 0;
  last_query_ = now;
  ++round_;
  if (now >= next_sweep_) forget_silent(now);
}

template <Family F>
void HostTable<F>::forget_silent(TimePoint now) {
  next_sweep_ = now + kSweepInterval;
  const bool is_crowded = hosts_.size() >= kMostHosts / 2;
  last_ = nullptr;
  std::erase_if(hosts_, [&](const auto& entry) {
    const auto& host = entry.second;
    return host.last_report + kLongestSilence <= now ||
           (is_crowded && host.answered == 0 && missed(host) >= kChances);
  });
}

template <Family F>
bool HostTable<F>::is_in_time(Duration answer_time, TimePoint now) const {
  return last_query_ != kNever && now <= last_query_ + answer_time + kTransit;
}

template <Family F>
auto HostTable<F>::heard(const Address& host, const MacAddress& mac, typename F::Version version,
                         Duration answer_time, TimePoint now, bool is_own) -> Heard {
  // Most reports come from the host that the last one came from: it answers for all its groups.
  if (last_ == nullptr || last_->first != host) {
    const auto found = hosts_.find(host);
    last_ = found == hosts_.end() ? nullptr : &*found;
  }
  const bool is_new = last_ == nullptr;
  if (is_new) {
    if (hosts_.size() >= kMostHosts) {
      if (!is_own) heard_unnamed(answer_time, now);
      return Heard::kNoRoom;
    }
    last_ = &*hosts_.emplace(host, KnownHost<F>{.round = round_, .since = now}).first;
  }
  auto& known = last_->second;
  const bool is_first = is_new || known.round != round_;
  if (is_first && is_in_time(answer_time, now)) {
    if (!is_own) ++answered_;
    ++known.answered;
  }
  known.mac = mac;
  known.version = version;
  known.round = round_;
  known.last_report = now;
  known.is_awaited = !is_own;
  return is_new ? Heard::kNew : Heard::kKnown;
}

template <Family F>
void HostTable<F>::heard_unnamed(Duration answer_time, TimePoint now) {
  if (is_in_time(answer_time, now)) ++answered_;
}

template <Family F>
void HostTable<F>::left(const Address& host) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) found->second.is_awaited = false;
}

template <Family F>
void HostTable<F>::clear() {
  hosts_.clear();
  last_ = nullptr;
  last_query_ = kNever;
  answered_ = 0;
  answered_before_.reset();
}

template <Family F>
std::size_t HostTable<F>::heard_since(TimePoint since) const {
  return silent_since(since, 0);
}

template <Family F>
std::size_t HostTable<F>::silent_since(TimePoint since, std::uint32_t queries) const {
  std::size_t count = 0;
  for (const auto& [address, host] : hosts_) {
    const bool is_silent = queries == 0 || (host.is_awaited && missed(host) >= queries);
    count += host.last_report >= since && is_silent ? 1U : 0U;
  }
  return count;
}

template <Family F>
const KnownHost<F>* HostTable<F>::find(const Address& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? nullptr : &found->second;
}

template class HostTable<Igmp>;
template class HostTable<Mld>;

}  // namespace mcq::core
