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

  bool step(Duration at, const core::Event<F>& event, const MacAddress& sender = {}) {
    bool is_refused = false;
    for (const auto& action : querier.step(event, time(at))) {
      std::visit([&](const auto& a) { perform(a, sender, time(at)); }, action);
      const auto* noticed = std::get_if<core::Noticed<F>>(&action);
      is_refused = is_refused || (noticed != nullptr && core::refuses_message(noticed->notice));
    }
    return is_refused;
  }
  /// Processes a packet whose message makes that event.
  void receive(Duration at, const monitor::Received<F>& received, const core::Event<F>& event,
               monitor::Outcome outcome = {}) {
    outcome.is_refused = step(at, event, received.sender);
    monitor.received(received, outcome, querier, settings, time(at));
  }
  void link_up(Duration at) { step(at, core::LinkChanged<F>{{true, kSelf, {Lan<F>::kSubnet}}}); }
  /// A packet with that message comes in.
  void query(Duration at, Address from, const MacAddress& mac = kMac,
             Query<F> message = test::general_query<F>()) {
    receive(at, {{from, F::kAllNodes, true, message}, mac},
            core::QueryReceived<F>{from, F::kAllNodes, message});
  }
  void report(Duration at, Address from = kMember, Address group = Lan<F>::kGroup,
              bool is_own = false) {
    const Report<F> message{typename F::Version{1}, group};
    receive(at, {{from, group, true, message}, kMac, is_own},
            core::ReportReceived<F>{from, message});
  }

  void records(Duration at, RecordType type, Address from = kMember,
               Address group = Lan<F>::kGroup) {
    wire::Buffer bytes;
    const std::array<Record<F>, 1> list{{{type, group, {}}}};
    wire::append_records<F>(bytes, list);
    const RecordReport<F> message{1, std::span{bytes}.subspan(2)};
    wire::RecordReader<F> reader{message};
    while (reader.next()) continue;
    receive(at, {{from, F::kAllNodes, true, message}, kMac}, core::RecordReceived<F>{from, list[0]},
            {false, reader.has_current_state(), reader.is_leave()});
  }
  void leave(Duration at, Address from = kMember, Address group = Lan<F>::kGroup) {
    const Leave<F> message{group};
    receive(at, {{from, F::kAllNodes, true, message}, kMac}, core::LeaveReceived<F>{from, message});
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
  void perform(const core::RoleChanged<F>& changed, const MacAddress& sender, TimePoint now) {
    monitor.performed(changed, "link", sender, now);
  }
  void perform(const core::Noticed<F>& noticed, const MacAddress& sender, TimePoint now) {
    monitor.performed(noticed, sender, now);
  }
  void perform(const core::TopologyChanged<F>& changed, const MacAddress& sender, TimePoint now) {
    monitor.performed(changed, sender, now);
  }
  template <class Action>
  void perform(const Action& action, const MacAddress&, TimePoint now) {
    monitor.performed(action, querier, now);
  }
  std::uint64_t read_ = 0;
};

}  // namespace mcq::test
