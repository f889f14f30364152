#include "doctor/checkup.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "diagnose/rules.hpp"
#include "doctor/daemon_reader.hpp"
#include "doctor/host_reader.hpp"
#include "doctor/listener.hpp"
#include "os/clock.hpp"
#include "os/firewall_rules.hpp"
#include "os/packet_socket.hpp"
#include "os/route.hpp"
#include "os/system_error.hpp"
#include "text/printable.hpp"
#include "wire/frame.hpp"
#include "wire/packet.hpp"

namespace mcq::doctor {
namespace {

using diagnose::InterfaceEvidence;
using diagnose::LinkEvidence;
using diagnose::Survey;

constexpr std::size_t kMostInterfaces = 16;
constexpr Duration kShortest = 3s;  ///< what the sender of a stream needs to be noticed
constexpr Duration kStep = 1s;
constexpr Duration kResponse = 2s;  ///< Max Response Time of the query of --active
constexpr Duration kAnswers = 3s;   ///< until all answers to it are here

/// The interfaces to listen to.
Result<std::vector<const InterfaceEvidence*>> chosen(const Request& request, const Survey& survey) {
  std::vector<const InterfaceEvidence*> all;
  for (const auto& name : request.interfaces) {
    const auto* interface = survey.find(name);
    if (interface == nullptr) return fail("there is no interface '" + text::printable(name) + "'");
    if (!interface->link.ethernet) {
      return fail("interface '" + text::printable(name) + "' is no Ethernet, or has no multicast");
    }
    all.push_back(interface);
  }
  if (!all.empty()) return all;
  for (const auto& interface : survey.interfaces) {
    if (all.size() < kMostInterfaces && survey.is_lan(interface)) all.push_back(&interface);
  }
  return all;
}

/// Whether more could be learnt of a protocol on a link.
bool is_open(const LinkEvidence& link, bool is_wanted) {
  if (link.queriers.empty()) return is_wanted;
  if (link.queriers.size() > 1) return true;  // does each of them go on?
  const bool may_be_mute = std::any_of(link.hosts.begin(), link.hosts.end(),
                                       [](const auto& host) { return host.unanswered == 1; });
  if (may_be_mute) return true;
  // The interval is known after two queries, or from the first one of a newer version.
  return std::none_of(link.queriers.begin(), link.queriers.end(), [&](const auto& querier) {
    const bool is_answered = querier.first.time + querier.response < link.observed;
    return is_answered && (querier.queries > 1 || querier.advertised_interval > Duration{});
  });
}

/// Whether all is known of what was listened to.
bool is_complete(const Survey& survey, const std::vector<diagnose::LanEvidence>& lans,
                 bool are_named) {
  return std::none_of(lans.begin(), lans.end(), [&](const auto& lan) {
    const auto* interface = survey.find(lan.interface);
    if (interface == nullptr) return false;
    const bool is_main = are_named || lans.size() == 1 || lan.interface == survey.default_route ||
                         survey.daemon.serves(lan.interface, "ipv4");
    return is_open(lan.igmp, is_main || interface->first_joined(false)) ||
           is_open(lan.mld,
                   interface->first_joined(true) || survey.daemon.serves(lan.interface, "ipv6"));
  });
}

Progress progress_of(const std::vector<diagnose::LanEvidence>& lans, Duration listened,
                     Duration at_most) {
  Progress progress{listened, at_most};
  for (const auto& lan : lans) {
    progress.queries += lan.igmp.queries + lan.mld.queries;
    progress.reports += lan.igmp.reports + lan.mld.reports;
  }
  return progress;
}

/// Asks one General Query of version 2, from the address of the interface.
Result<Ok> ask(const InterfaceEvidence& interface) {
  if (interface.link.addresses.empty()) return fail("it has no IPv4 address");
  auto socket = os::PacketSocket::open<Igmp>(interface.link.index, os::Traffic::kQueries,
                                             os::PacketSocket::kSmallBuffer);
  if (!socket) return fail(socket.error());
  Query<Igmp> query;
  query.version = Igmp::Version::k2;
  query.max_response = kResponse;
  const auto packet = wire::serialize_packet(query, interface.link.addresses.front().local,
                                             Igmp::kAllNodes, wire::Reach::kLink);
  const auto sent =
      socket->send(packet, wire::ethernet_address(Igmp::kAllNodes), {interface.link.index});
  if (!sent) return fail("cannot send: " + os::describe(sent.error()));
  return Ok{};
}

/// A checkup at work.
class Examination {
 public:
  Examination(const Request& request, const std::function<bool(const Progress&)>& progress)
      : request_(request), progress_(progress) {}

  Result<Checkup> run() {
    auto host = read_host();
    if (!host) return fail(host.error());
    survey_ = std::move(*host);
    survey_.group = request_.group;
    const auto interfaces = chosen(request_, survey_);
    if (!interfaces) return fail(interfaces.error());
    ask_our_daemon();
    read_firewall();
    const auto errors_before = receive_buffer_errors();
    for (const auto* interface : *interfaces) {
      if (auto begun = listener_.add(interface->link.name, interface->link.index); !begun) {
        const auto& why = begun.error().message;
        const bool lacks_privilege = why.ends_with(os::describe(EPERM));
        checkup_.unseen.push_back("the packets on " + interface->link.name + ": " + why +
                                  (lacks_privilege ? "; run with sudo" : ""));
      }
    }
    if (!listener_.is_over()) {
      listen();
      survey_.lans = listener_.evidence();
      for (auto& lan : survey_.lans) {
        lan.igmp.switch_memory = lan.mld.switch_memory = request_.switch_memory;
      }
      survey_.forget_own_vlans();
      if (request_.is_active) ask_hosts();
    }
    survey_.listened = listener_.listened();
    survey_.limits.receive_buffer_full = receive_buffer_errors() - errors_before;
    // What was joined or changed meanwhile counts as well.
    if (auto now = read_host()) survey_.interfaces = std::move(now->interfaces);
    find_routes();
    judge();
    checkup_.survey = std::move(survey_);
    return std::move(checkup_);
  }

 private:
  void ask_our_daemon() {
    const bool is_installed = survey_.daemon.is_installed;
    survey_.daemon = ask_daemon(request_.socket);
    survey_.daemon.is_installed = is_installed;
  }

  void read_firewall() {
    const auto rules = os::firewall_rules();
    if (!rules) {
      checkup_.unseen.push_back("the rules of the firewall: " + rules.error().message);
      return;
    }
    auto json = text::Json::parse(*rules, nullptr, false);
    if (json.is_discarded()) {
      checkup_.unseen.emplace_back("the rules of the firewall: libnftables gave no JSON");
    } else {
      survey_.ruleset = std::move(json);
    }
  }

  void listen() {
    const auto at_most = request_.listen.value_or(kLongestListening);
    const auto begin = os::now();
    for (auto now = begin; now - begin < at_most && !listener_.is_over(); now = os::now()) {
      if (auto done = listener_.run(std::min(kStep, at_most - (now - begin))); !done) {
        checkup_.unseen.push_back("the packets on " + done.error().message);
        continue;
      }
      const auto lans = listener_.evidence();
      const auto listened = listener_.listened();
      if (!progress_(progress_of(lans, listened, at_most))) {
        checkup_.is_interrupted = true;
        break;
      }
      const bool is_enough = listened >= std::min(kShortest, at_most) &&
                             is_complete(survey_, lans, !request_.interfaces.empty());
      if (!request_.listen && is_enough) break;
    }
    checkup_.has_listened = !listener_.is_over();
    if (const auto lost = listener_.take_lost(); lost > 0) {
      checkup_.unseen.push_back(
          fmt::format("{} packets that came too fast: the counts are too low", lost));
    }
  }

  /// Asks where no querier is heard, and notes who answers.
  void ask_hosts() {
    std::vector<std::pair<std::size_t, Duration>> asked;
    for (std::size_t i = 0; i < survey_.lans.size(); ++i) {
      const auto& lan = survey_.lans[i];
      const auto* interface = survey_.find(lan.interface);
      if (interface == nullptr || !lan.igmp.queriers.empty() || checkup_.is_interrupted) continue;
      const auto at = listener_.listened();
      if (auto sent = ask(*interface); !sent) {
        checkup_.unseen.push_back("who answers on " + lan.interface + ": " + sent.error().message);
        continue;
      }
      asked.emplace_back(i, at);
    }
    if (asked.empty()) return;
    const auto begin = os::now();
    for (auto now = begin; now - begin < kAnswers; now = os::now()) {
      if (!listener_.run(kStep)) break;
      const auto listened = listener_.listened();
      checkup_.is_interrupted = !progress_({listened, listened, 0, 0});
      if (checkup_.is_interrupted) break;
    }
    const auto lans = listener_.evidence();
    for (const auto& [i, at] : asked) {
      auto& answers = survey_.lans[i].answers.emplace();
      for (const auto& host : lans[i].igmp.hosts) {
        if (host.last.time >= at) answers.push_back(host.address);
      }
    }
  }

  /// Over which interface each sender is reached.
  void find_routes() {
    const auto add = [&](const std::string& sender) {
      const auto address = parse_address(sender);
      if (!address || survey_.routes.contains(sender)) return;
      const auto index = os::interface_towards(*address);
      const auto found = std::find_if(
          survey_.interfaces.begin(), survey_.interfaces.end(),
          [&](const auto& interface) { return index && interface.link.index == *index; });
      survey_.routes[sender] = found == survey_.interfaces.end() ? "" : found->link.name;
    };
    for (const auto& lan : survey_.lans) {
      for (const auto& querier : lan.igmp.queriers) {
        if (!querier.is_unspecified) add(querier.address);
      }
      for (const auto& stream : lan.igmp.streams) add(stream.source);
    }
  }

  void judge() {
    const auto& findings = checkup_.findings = diagnose::judge(survey_);
    checkup_.overall = diagnose::classify(survey_, findings);
    checkup_.next_step = next_step();
  }

  std::string next_step() const {
    using enum diagnose::Severity;
    for (const auto severity : {kProblem, kRisk}) {
      for (const auto& finding : checkup_.findings) {
        if (finding.severity == severity) return finding.fix;
      }
    }
    if (!checkup_.has_listened && !survey_.daemon.answers) {
      return "run with sudo, to see the packets of the LAN";
    }
    for (const auto& finding : checkup_.findings) {
      if (finding.id == "listened-too-short") return finding.fix;
    }
    if (checkup_.overall == "unknown") {
      return "start the receiver of a stream on this host, and run this again";
    }
    return "nothing; to measure it with a stream: igmp-querier soak --help";
  }

  const Request& request_;
  const std::function<bool(const Progress&)>& progress_;
  Survey survey_;
  Listener listener_;
  Checkup checkup_;
};

}  // namespace

Result<Checkup> examine(const Request& request,
                        const std::function<bool(const Progress&)>& progress) {
  return Examination{request, progress}.run();
}

}  // namespace mcq::doctor
