#include "core/host_table.hpp"

namespace mcq::core {
namespace {

/// Beyond the time to answer, for the way of the query and of the answer.
constexpr Duration kTransit = 1s;

}  // namespace

template <Family F>
void HostTable<F>::asked(TimePoint now) {
  if (last_query_ != kNever) answered_before_ = answered_;
  answered_ = 0;
  last_query_ = now;
  ++round_;
  std::erase_if(hosts_,
                [&](const auto& host) { return host.second.last_report + kLongestSilence <= now; });
}

template <Family F>
bool HostTable<F>::heard(const Address& host, const MacAddress& mac, typename F::Version version,
                         Duration answer_time, TimePoint now) {
  auto found = hosts_.find(host);
  const bool is_new = found == hosts_.end();
  if (is_new) {
    if (hosts_.size() >= kMostHosts) return false;
    found = hosts_.emplace(host, KnownHost<F>{.round = round_, .since = now}).first;
  }
  auto& known = found->second;
  const bool is_first = is_new || known.round != round_;
  if (is_first && last_query_ != kNever && now <= last_query_ + answer_time + kTransit) {
    ++answered_;
    ++known.answered;
  }
  known.mac = mac;
  known.version = version;
  known.round = round_;
  known.last_report = now;
  return is_new;
}

template <Family F>
void HostTable<F>::clear() {
  hosts_.clear();
  last_query_ = kNever;
  answered_ = 0;
  answered_before_.reset();
}

template <Family F>
std::size_t HostTable<F>::heard_since(TimePoint since) const {
  std::size_t count = 0;
  for (const auto& [address, host] : hosts_) count += host.last_report >= since ? 1U : 0U;
  return count;
}

template <Family F>
const KnownHost<F>* HostTable<F>::find(const Address& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? nullptr : &found->second;
}

/// Odd factors that the hosts do not know, and the high bits folded in: enough that nobody can fill
/// one bucket from outside.
template <Family F>
std::size_t HostTable<F>::Hash::operator()(const Address& address) const {
  std::uint64_t hash = first;
  for (const auto octet : address.octets) {
    hash = (hash ^ octet) * (second | 1U);
    hash ^= hash >> 29U;
  }
  return hash;
}

template class HostTable<Igmp>;
template class HostTable<Mld>;

}  // namespace mcq::core
