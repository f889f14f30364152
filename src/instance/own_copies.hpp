#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/family.hpp"
#include "base/time.hpp"

namespace mcq::instance {

/// Distinguishes our General Queries from another program's among the outgoing packets with our
/// address. A query sent through the host socket is received once by the socket for outgoing
/// packets; one sent through that socket itself is not.
template <Family F>
class OwnCopies {
 public:
  using Address = typename F::Address;
  static constexpr std::size_t kMost = 8;      ///< copies expected at a time; the oldest is dropped
  static constexpr Duration kRetried = 100ms;  ///< in which a driver may send a packet again

  /// Call after a General Query from `source` was sent through the host socket.
  void expect(const Address& source) {
    if (expected_.size() == kMost) expected_.erase(expected_.begin());
    expected_.push_back(source);
  }

  /// Whether an outgoing General Query from `source` is an expected copy, which it removes, or the
  /// last copy again: a busy driver is given a packet twice.
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
