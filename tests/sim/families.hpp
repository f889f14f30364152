#pragma once

#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "sim/link.hpp"

namespace mcq::sim {

/// What is true of both families is tested for both: TYPED_TEST_SUITE(Election, Families, Names).
using Families = testing::Types<Igmp, Mld>;

struct Names {
  template <class F>
  static std::string GetName(int) {
    return F::kName;
  }
};

using Seconds = std::vector<double>;

/// Those of `times` that are later than `from` and not later than `to`.
inline Seconds between(const Seconds& times, double from, double to) {
  Seconds chosen;
  for (const auto t : times) {
    if (from < t && t <= to) chosen.push_back(t);
  }
  return chosen;
}

/// Fails with every rule that was broken.
inline testing::AssertionResult keeps_the_rules(const std::vector<Violation>& violations) {
  if (violations.empty()) return testing::AssertionSuccess();
  std::ostringstream text;
  for (const auto& violation : violations) text << '\n' << violation;
  return testing::AssertionFailure() << text.str();
}

/// A machine that says what a test tells it to. Whatever it says disturbs.
template <Family F>
class Voice final : public Port<F> {
 public:
  using Address = typename F::Address;
  explicit Voice(World& world) : world_(world) {}
  void receive(const Packet<F>&) override {}
  void say(const Packet<F>& packet) {
    world_.disturb();
    this->send(packet);
  }
  void ask(const Address& source, Query<F> query) { say({source, F::kAllNodes, std::move(query)}); }
  void report(const Address& source, typename F::Version version, const Address& group) {
    say({source, group, Report<F>{version, group}});
  }
  void leave(const Address& source, const Address& group) {
    say({source, kAllRouters<F>, Leave<F>{group}});
  }
  void tell(const Address& source, OwnReport<F> report) {
    say({source, kReportRouters<F>, std::move(report)});
  }

 private:
  World& world_;
};

/// A General Query that advertises nothing but its response time where the version allows it.
template <Family F>
Query<F> general_query(typename F::Version version = F::kDefault) {
  return {.version = version, .max_response = 10s};
}

/// Where the ports of queriers are known, non-queriers receive the reports of hosts as well.
inline constexpr Aging kKnownRouters{.knows_routers = true};

/// The RFC's numbers, and this version.
template <Family F>
core::Settings<F> speaking(typename F::Version version) {
  auto settings = rfc_settings<F>();
  settings.version = version;
  return settings;
}

/// The versions whose hosts say that they leave.
template <Family F>
inline constexpr std::array kLeavers{kOlder<F>, F::kNewest};

}  // namespace mcq::sim
