#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "monitor/link_monitor.hpp"
#include "support/querier_rig.hpp"
#include "wire/records.hpp"

namespace mcq::test {

using http::EventStream;
using monitor::EventPublisher;
using monitor::LinkMonitor;
using nlohmann::json;

inline constexpr MacAddress kMac{{2, 0, 0, 0, 0, 0x99}}, kOtherMac{{2, 0, 0, 0, 0, 0x77}};

/// A querier whose packets and actions the observer sees as it would those of an instance.
template <class F>
class MonitorRig : public testing::Test {
 protected:
  using Address = typename F::Address;
  static constexpr Address kSelf = Lan<F>::host(10), kLower = Lan<F>::host(2),
                           kHigher = Lan<F>::host(20), kMember = Lan<F>::host(50);

  void SetUp() override { spdlog::set_level(spdlog::level::off); }
  void TearDown() override { spdlog::set_level(spdlog::level::info); }

  void step(Duration at, const core::Event<F>& event) {
    for (const auto& action : querier.step(event, time(at))) {
      std::visit([&](const auto& a) { perform(a, time(at)); }, action);
    }
  }
  void link_up(Duration at) { step(at, core::LinkChanged<F>{{true, kSelf, {Lan<F>::kSubnet}}}); }
  /// A packet with that message comes in.
  void query(Duration at, Address from, const MacAddress& mac = kMac,
             Query<F> message = test::general_query<F>()) {
    const wire::Packet<F> packet{from, F::kAllNodes, true, message};
    monitor.received(packet, mac);
    step(at, core::QueryHeard<F>{from, F::kAllNodes, message});
    monitor.taken_in(packet, querier, settings, time(at));
  }
  void report(Duration at, Address from = kMember, Address group = Lan<F>::kGroup,
              bool is_own = false) {
    const Report<F> message{typename F::Version{1}, group};
    const wire::Packet<F> packet{from, group, true, message};
    monitor.received(packet, kMac, is_own);
    step(at, core::ReportHeard<F>{from, message});
    monitor.taken_in(packet, querier, settings, time(at));
  }

  void records(Duration at, RecordType type, Address from = kMember,
               Address group = Lan<F>::kGroup) {
    wire::Buffer octets;
    const std::array<Record<F>, 1> list{{{type, group, {}}}};
    wire::append_records<F>(octets, list);
    const RecordReport<F> message{1, std::span{octets}.subspan(2)};
    const wire::Packet<F> packet{from, F::kAllNodes, true, message};
    monitor.received(packet, kMac);
    step(at, core::RecordHeard<F>{from, list[0]});
    monitor.taken_in(packet, querier, settings, time(at));
  }
  void leave(Duration at, Address from = kMember, Address group = Lan<F>::kGroup) {
    const Leave<F> message{group};
    const wire::Packet<F> packet{from, F::kAllNodes, true, message};
    monitor.received(packet, kMac);
    step(at, core::LeaveHeard<F>{from, message});
    monitor.taken_in(packet, querier, settings, time(at));
  }
  /// Does what is due until then.
  void run_until(Duration at) {
    while (querier.deadline() <= time(at)) {
      step(querier.deadline() - time(0s), core::Tick{});
    }
  }
  std::uint32_t answered(Address host = kMember) const {
    return monitor.hosts().find(host)->answered;
  }
  std::size_t silent(Duration at) const {
    return monitor.hosts().census(F::kNewest, 10s, time(at)).silent;
  }

  /// What has been told since the last call.
  std::vector<json> told() {
    std::vector<json> all;
    for (;;) {
      const auto batch = events.behind(read_, 1);
      if (batch.text.empty()) return all;
      read_ = batch.last;
      const auto data = batch.text.find("data: ") + 6;
      all.push_back(json::parse(batch.text.substr(data, batch.text.find('\n', data) - data)));
    }
  }
  std::vector<std::string> kinds() {
    std::vector<std::string> all;
    for (const auto& event : told()) all.push_back(event["event"]);
    return all;
  }

  static TimePoint time(Duration at) { return TimePoint{10h + at}; }

  core::Settings<F> settings = test::rfc_settings<F>();
  core::Querier<F> querier{settings, Random{1}};
  http::EventStream events;
  EventPublisher publisher{events};
  LinkMonitor<F> monitor{"eth0", Random{2}, publisher, time(0s)};

 private:
  void perform(const core::RoleChanged<F>& changed, TimePoint now) {
    monitor.performed(changed, "link", now);
  }
  template <class Action>
  void perform(const Action& action, TimePoint now) {
    monitor.performed(action, querier, now);
  }
  std::uint64_t read_ = 0;
};

}  // namespace mcq::test
