#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/family.hpp"
#include "base/time.hpp"

namespace mcq::instance {

/// Tells our own General Queries from another program's among those that leave this host from our
/// address. A query that was sent through this host's IP is received once by the socket for what
/// leaves; one that was sent through that socket itself is not.
template <Family F>
class OwnCopies {
 public:
  using Address = typename F::Address;
  static constexpr std::size_t kMost = 8;      ///< expected at a time; the oldest is given up
  static constexpr Duration kRetried = 100ms;  ///< in which a driver may hand a packet down again

  /// A General Query was sent from `source` through this host's IP.
  void expect(const Address& source) {
    if (expected_.size() == kMost) expected_.erase(expected_.begin());
    expected_.push_back(source);
  }

  /// Whether a General Query from `source` that leaves is one of those expected, which then is
  /// expected no more; or the last of them again, since a busy driver is given a packet twice.
  bool take(const Address& source, TimePoint now) {
    const auto found = std::find(expected_.begin(), expected_.end(), source);
    if (found == expected_.end()) return source == last_ && now - last_seen_ < kRetried;
    expected_.erase(found);
    last_ = source;
    last_seen_ = now;
    return true;
  }

 private:
  std::vector<Address> expected_;
  Address last_{};
  TimePoint last_seen_{};
};

}  // namespace mcq::instance
