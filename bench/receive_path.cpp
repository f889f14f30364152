// receive_path: passes reports through parser, querier and link monitor, as the daemon does with
// those of its socket. Run under an instruction counter, it shows the cost of a report on any
// machine.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "core/querier.hpp"
#include "frames.hpp"
#include "http/event_stream.hpp"
#include "monitor/event_publisher.hpp"
#include "monitor/link_monitor.hpp"
#include "wire/packet.hpp"
#include "wire/records.hpp"

namespace {

using mcq::Family;
using mcq::Igmp;
using mcq::MacAddress;
using mcq::Mld;
using mcq::Random;
using mcq::TimePoint;
using mcq::tools::Frames;
using mcq::tools::Kind;
using mcq::tools::Load;
namespace http = mcq::http;
namespace monitor = mcq::monitor;
namespace core = mcq::core;
namespace wire = mcq::wire;

constexpr TimePoint kStart{std::chrono::hours{1}};
constexpr mcq::Duration kApart = std::chrono::microseconds{1};

/// What instance::Instance does with a packet, without its sockets.
template <Family F>
class Path {
 public:
  Path() {
    settings_.max_groups = *core::MaxGroups::from(2'000'000);
    settings_.require_same_subnet = false;
    core::Link<F> link{.up = true, .self = {}};
    link.self.bytes.back() = 1;
    link.self.bytes.front() = 10;
    step(core::LinkChanged<F>{link}, kStart);
  }

  void receive(std::span<const std::uint8_t> bytes, const MacAddress& sender) {
    now_ += kApart;
    const auto packet = wire::parse_packet<F>(bytes);
    if (!packet) std::abort();
    const monitor::Received<F> received{*packet, sender};
    const auto outcome =
        std::visit([&](const auto& message) { return process(*packet, message); }, packet->message);
    monitor_.received(received, outcome, querier_, settings_, now_);
  }

  /// Sends a General Query, which the next reports answer.
  void ask() {
    now_ += kApart;
    step(core::QueryRequested{}, now_);
  }

  std::size_t groups() const { return querier_.groups().size(); }

 private:
  void step(const core::Event<F>& event, TimePoint now) {
    for (const auto& action : querier_.step(event, now)) {
      std::visit([&](const auto& a) { perform(a, now); }, action);
    }
  }
  monitor::Outcome process(const wire::Packet<F>&, const mcq::Query<F>&) { std::abort(); }
  monitor::Outcome process(const wire::Packet<F>&, const mcq::RouterMessage&) { std::abort(); }
  monitor::Outcome process(const wire::Packet<F>& packet, const mcq::Report<F>& report) {
    step(core::ReportReceived<F>{packet.source, report}, now_);
    return {};
  }
  monitor::Outcome process(const wire::Packet<F>& packet, const mcq::Leave<F>& leave) {
    step(core::LeaveReceived<F>{packet.source, leave}, now_);
    return {};
  }
  monitor::Outcome process(const wire::Packet<F>& packet, const mcq::RecordReport<F>& report) {
    wire::RecordReader<F> records{report};
    while (const auto record = records.next()) {
      step(core::RecordReceived<F>{packet.source, *record}, now_);
    }
    return {false, records.has_current_state(), records.is_leave()};
  }

  void perform(const core::RoleChanged<F>& changed, TimePoint now) {
    monitor_.performed(changed, "", MacAddress{}, now);
  }
  void perform(const core::Noticed<F>& noticed, TimePoint now) {
    monitor_.performed(noticed, MacAddress{}, now);
  }
  template <class Action>
  void perform(const Action& action, TimePoint now) {
    monitor_.performed(action, querier_, now);
  }

  core::Settings<F> settings_;
  http::EventStream events_;
  monitor::EventPublisher publisher_{events_};
  core::Querier<F> querier_{settings_, Random{1}};
  monitor::LinkMonitor<F> monitor_{"eth0", Random{2}, publisher_, kStart};
  TimePoint now_ = kStart;
};

template <Family F>
int run(const Load& load, std::uint64_t packets) {
  const Frames frames{load};
  Path<F> path;
  const MacAddress sender{{2, 0, 0, 0, 0, 1}};
  for (std::uint64_t n = 0; n < packets; ++n) {
    if (n % frames.size() == 0) path.ask();
    path.receive(frames[n % frames.size()].subspan(mcq::tools::kEthernetHeaderSize), sender);
  }
  const auto expected = std::min<std::uint64_t>(packets * load.records, load.groups);
  return path.groups() == expected ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options{"takes in reports"};
  Load load;
  std::uint64_t packets = 0;
  const std::map<std::string, Kind> kinds{
      {"2", Kind::kIgmp2}, {"3", Kind::kIgmp3}, {"mld1", Kind::kMld1}, {"mld2", Kind::kMld2}};
  options.add_option("--version", load.kind)->transform(CLI::CheckedTransformer(kinds));
  options.add_option("--groups", load.groups)->check(CLI::Range(1, 1'000'000));
  options.add_option("--records", load.records)->check(CLI::Range(1, 70));
  options.add_option("--packets", packets)->check(CLI::Range(0, 10'000'000));
  CLI11_PARSE(options, argc, argv);
  const bool is_mld = load.kind == Kind::kMld1 || load.kind == Kind::kMld2;
  return is_mld ? run<Mld>(load, packets) : run<Igmp>(load, packets);
}
