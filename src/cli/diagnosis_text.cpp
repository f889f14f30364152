#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

#include "cli/diagnosis.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using diagnose::LinkEvidence;
using diagnose::Severity;
using diagnose::Survey;

constexpr std::size_t kNamed = 5;

std::string in_seconds(Duration time) {
  return fmt::format(
      "{:g} s",
      std::chrono::duration<double>(std::chrono::round<std::chrono::milliseconds>(time)).count());
}

std::string some_of(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kNamed ? fmt::format("{} and {} more", list, names.size() - kNamed) : list;
}

std::string querier_line(const LinkEvidence& link) {
  if (link.queriers.empty()) return "no querier in " + in_seconds(link.observed);
  const auto elected = std::find_if(link.queriers.begin(), link.queriers.end(),
                                    [&](const auto& q) { return q.address == link.querier; });
  const auto& querier = elected != link.queriers.end() ? *elected : link.queriers.front();
  auto line = fmt::format("{} is the querier, in version {}", querier.address, querier.newest);
  if (querier.queries > 1) line += ", every " + in_seconds(querier.typical_interval);
  return line;
}

void print_link(std::ostream& out, const LinkEvidence& link) {
  if (link.protocol == "MLD" && link.queries + link.reports == 0) return;
  const auto answering = std::count_if(link.hosts.begin(), link.hosts.end(),
                                       [](const auto& host) { return host.answered > 0; });
  out << fmt::format("  {}: {}; reports {}; members {}, of which {} answered a query\n",
                     link.protocol, querier_line(link), link.reports, link.hosts.size(), answering);
}

void print_interface(std::ostream& out, const Survey& survey, const diagnose::LanEvidence& lan) {
  const auto* interface = survey.find(lan.interface);
  out << lan.interface;
  if (interface != nullptr && !interface->link.addresses.empty()) {
    const auto& address = interface->link.addresses.front();
    out << fmt::format(" ({}/{})", to_string(address.local), int{address.subnet.length});
  }
  out << ":\n";
  print_link(out, lan.igmp);
  print_link(out, lan.mld);
  if (interface != nullptr && !interface->joined.empty()) {
    std::vector<std::string> joined;
    for (const auto& group : interface->joined) joined.push_back(to_string(group));
    out << "  joined by this host: " << some_of(joined) << '\n';
  }
  if (lan.answers) {
    out << "  answered our query: " << (lan.answers->empty() ? "nobody" : some_of(*lan.answers))
        << '\n';
  }
}

/// Who of the members of a group answers.
void print_members(std::ostream& out, const std::string& interface, const LinkEvidence& link,
                   const std::string& group) {
  const auto found = std::find_if(link.groups.begin(), link.groups.end(),
                                  [&](const auto& seen) { return seen.address == group; });
  if (found == link.groups.end()) return;
  for (const auto& member : found->hosts) {
    const auto host = std::find_if(link.hosts.begin(), link.hosts.end(),
                                   [&](const auto& seen) { return seen.address == member; });
    if (host == link.hosts.end()) continue;
    std::string answer;
    if (!link.queriers.empty()) {
      answer =
          host->unanswered == 0
              ? ", which answers"
              : fmt::format(", which has not answered the last {}",
                            host->unanswered == 1 ? "query"
                                                  : std::to_string(host->unanswered) + " queries");
    }
    out << fmt::format("  joined on {} by {}{}\n", interface, member, answer);
  }
}

void print_stream(std::ostream& out, const Survey& survey) {
  if (!survey.group) return;
  const auto group = to_string(*survey.group);
  out << '\n' << group << ":\n";
  bool is_sent = false;
  for (const auto& lan : survey.lans) {
    const auto* interface = survey.find(lan.interface);
    for (const auto* link : {&lan.igmp, &lan.mld}) {
      for (const auto& stream : link->streams) {
        if (stream.group != group) continue;
        is_sent = true;
        out << fmt::format(
            "  sent by {}{} to port {}: {:.1f} packets and {:.0f} kbit a second, TTL {}, on {}{}\n",
            stream.source, stream.mac.empty() ? "" : " (" + stream.mac + ")", stream.port,
            stream.packet_rate, stream.bit_rate / 1000, stream.ttl, lan.interface,
            interface == nullptr || interface->is_near(stream.source) ? ""
                                                                      : ", from another subnet");
      }
    }
  }
  if (!is_sent) out << "  no packet of it arrived\n";
  for (const auto& interface : survey.interfaces) {
    if (interface.has_joined(group))
      out << "  joined by this host on " << interface.link.name << '\n';
  }
  for (const auto& lan : survey.lans) {
    print_members(out, lan.interface, lan.igmp, group);
    print_members(out, lan.interface, lan.mld, group);
  }
}

std::string_view word_of(Severity severity) {
  switch (severity) {
    case Severity::kProblem:
      return "FAIL";
    case Severity::kRisk:
      return "RISK";
    case Severity::kNote:
      break;
  }
  return "NOTE";
}

void print_findings(std::ostream& out, const doctor::Checkup& checkup) {
  for (const auto& finding : checkup.findings) {
    std::string place = finding.interface;
    if (!finding.subject.empty() && finding.subject != finding.interface) {
      place += (place.empty() ? "" : ": ") + finding.subject;
    }
    out << fmt::format("{} {} {}  [{}]\n     {}\n", word_of(finding.severity), place, finding.what,
                       finding.id, finding.fix);
  }
  if (checkup.findings.empty()) out << "Nothing is wrong, as far as can be seen.\n";
  const bool is_volatile =
      std::any_of(checkup.findings.begin(), checkup.findings.end(), [](const auto& finding) {
        constexpr std::array kCommands{"sudo sysctl", "sudo nft", "sudo ip"};
        return std::any_of(kCommands.begin(), kCommands.end(), [&](const char* command) {
          return finding.fix.find(command) != std::string::npos;
        });
      });
  if (is_volatile) out << "What sysctl, nft, iptables and ip change holds until the next boot.\n";
}

}  // namespace

std::string to_text(const doctor::Checkup& checkup) {
  std::ostringstream out;
  const auto& survey = checkup.survey;
  for (const auto& lan : survey.lans) print_interface(out, survey, lan);
  if (survey.daemon.answers) out << "igmp-querier runs on this host\n";
  print_stream(out, survey);
  out << '\n';
  print_findings(out, checkup);
  out << '\n';
  for (const auto& blind : checkup.unseen) out << "not seen: " << blind << '\n';
  if (checkup.is_interrupted) {
    out << "interrupted after " << in_seconds(survey.listened) << ": more may be wrong\n";
  }
  out << "class: " << checkup.overall << "\nnext step: " << checkup.next_step << '\n';
  return out.str();
}

}  // namespace mcq::cli
