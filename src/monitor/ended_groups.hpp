#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/family.hpp"
#include "base/time.hpp"

namespace mcq::monitor {

/// A group that ended because its members stopped answering.
template <Family F>
struct EndedGroup {
  typename F::Address group{};
  TimePoint at{};
  std::array<typename F::Address, 3> hosts{};  ///< the first hosts_count of them
  std::size_t hosts_count = 0;                 ///< may exceed the size of `hosts`
  typename F::Address last_reporter{};
  TimePoint last_report{};

  void add(const typename F::Address& host, TimePoint reported) {
    if (hosts_count < hosts.size()) hosts.at(hosts_count) = host;
    if (hosts_count++ == 0 || reported > last_report) {
      last_reporter = host;
      last_report = reported;
    }
  }
  std::span<const typename F::Address> named() const {
    return std::span{hosts}.first(std::min(hosts_count, hosts.size()));
  }
};

/// The latest groups that ended without a leave, oldest first; each once.
template <Family F>
class EndedGroups {
 public:
  static constexpr std::size_t kMax = 16;

  void remember(const EndedGroup<F>& ended) {
    std::erase_if(groups_, [&](const auto& known) { return known.group == ended.group; });
    if (groups_.size() == kMax) groups_.erase(groups_.begin());
    groups_.push_back(ended);
  }
  void clear() { groups_.clear(); }

  auto begin() const { return groups_.begin(); }
  auto end() const { return groups_.end(); }

 private:
  std::vector<EndedGroup<F>> groups_;
};

}  // namespace mcq::monitor
