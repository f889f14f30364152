#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <sstream>
#include <string>

#include "cli/explanation.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using diagnose::LinkEvidence;
using diagnose::Sighting;

constexpr std::size_t kListed = 20;  ///< lines of a list; JSON has all
constexpr std::size_t kNamed = 5;    ///< hosts of a group

/// "1:02:03", "4:20"
std::string clock(Duration time) {
  const auto all = std::chrono::floor<std::chrono::seconds>(time).count();
  if (all < 3600) return fmt::format("{}:{:02}", all / 60, all % 60);
  return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
}

std::string at(const Sighting& seen) {
  return fmt::format("{} (frame {})", clock(seen.time), seen.frame);
}

std::string in_seconds(Duration time) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

/// "2026-01-15 20:14:03 UTC"
std::string date(Duration since_1970) {
  const auto seconds =
      static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(since_1970).count());
  std::tm utc{};
  if (::gmtime_r(&seconds, &utc) == nullptr) return "an unknown time";
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  return {text.data(), length};
}

std::string title(const LinkEvidence& link) {
  return link.protocol + (link.vlan ? fmt::format(" in VLAN {}", *link.vlan) : "");
}

std::string versions(const diagnose::QuerierEvidence& querier) {
  return querier.oldest == querier.newest
             ? fmt::format("version {}", querier.newest)
             : fmt::format("versions {} to {}", querier.oldest, querier.newest);
}

/// Prints at most kListed lines, and how many more there are.
template <class Items, class Line>
void print_list(std::ostream& out, const std::string& heading, const Items& items, Line line) {
  if (items.empty()) return;
  out << "  " << heading << '\n';
  std::size_t printed = 0;
  for (const auto& item : items) {
    if (printed++ == kListed) {
      out << "    and " << items.size() - kListed << " more (--json has all)\n";
      return;
    }
    out << "    " << line(item) << '\n';
  }
}

void print_streams(std::ostream& out, const LinkEvidence& link) {
  print_list(out, "streams", link.streams, [](const diagnose::StreamEvidence& stream) {
    return fmt::format("{} from {}  {}, {:.1f} a second, {:.0f} kbit/s, TTL {}; from {} to {}",
                       stream.group, stream.source, text::counted(stream.packets, "packet"),
                       stream.packet_rate, stream.bit_rate / 1000, stream.ttl, at(stream.first),
                       at(stream.last));
  });
}

void print_link(std::ostream& out, const LinkEvidence& link) {
  out << '\n'
      << title(link) << ": "
      << fmt::format("queries {}, reports {}, leaves {}\n", link.queries, link.reports,
                     link.leaves);
  print_list(out, "queriers", link.queriers, [&](const diagnose::QuerierEvidence& querier) {
    auto line = fmt::format("{}{}  {}, {} General Queries", querier.address,
                            querier.mac.empty() ? "" : " (" + querier.mac + ")", versions(querier),
                            querier.queries);
    if (querier.queries > 1) {
      line += fmt::format(", every {}, at most {}", in_seconds(querier.typical_interval),
                          in_seconds(querier.longest_interval));
    }
    return line + (querier.lacks_router_alert ? ", without Router Alert" : "");
  });
  print_list(out, "elections", link.elections, [](const diagnose::ElectionEvidence& election) {
    if (election.before.empty()) {
      return fmt::format("{}  {} is the querier", at(election.at), election.after);
    }
    return fmt::format("{}  {} follows {}, which sent its last query {} before", at(election.at),
                       election.after, election.before, in_seconds(election.silence));
  });
  print_list(out, "groups", link.groups, [](const diagnose::GroupEvidence& group) {
    std::string hosts;
    for (std::size_t i = 0; i < std::min(group.hosts.size(), kNamed); ++i) {
      hosts += (i == 0 ? "" : ", ") + group.hosts[i];
    }
    if (group.hosts.size() > kNamed) {
      hosts += fmt::format(" and {} more", group.hosts.size() - kNamed);
    }
    return fmt::format("{}  {}; reports from {} to {}", group.address,
                       hosts.empty() ? "all members have left" : hosts, at(group.first),
                       at(group.last));
  });
  print_list(out, "hosts", link.hosts, [](const diagnose::HostEvidence& host) {
    return fmt::format(
        "{}{}  version {}, {} queries answered{}", host.address,
        host.mac.empty() ? "" : " (" + host.mac + ")", host.version, host.answered,
        host.unanswered == 0 ? "" : fmt::format(", the last {} not", host.unanswered));
  });
  print_list(out,
             fmt::format("what a switch with a memory of {} s would have forgotten",
                         std::chrono::floor<std::chrono::seconds>(diagnose::kSwitchMemory).count()),
             link.forgotten, [](const diagnose::ForgottenEvidence& group) {
               return fmt::format("{}  at {}, last report {}; {}", group.group,
                                  clock(group.last_report.time + diagnose::kSwitchMemory),
                                  at(group.last_report),
                                  group.back ? "reported again " + at(*group.back)
                                             : "until the end of the capture");
             });
  print_streams(out, link);
  print_list(out, "malformed", link.malformed, [](const diagnose::MalformedEvidence& kind) {
    return fmt::format("{}: {}, first in frame {}", kind.reason, kind.count, kind.first_frame);
  });
  if (link.is_cut) out << "  There was more than can be followed: these lists are incomplete.\n";
}

std::string upper(std::string_view word) {
  std::string all{word};
  for (auto& c : all) c = static_cast<char>(c - 'a' + 'A');
  return all;
}

}  // namespace

std::string to_text(const Explanation& made, const std::string& path) {
  std::ostringstream out;
  const auto& totals = made.totals;
  out << fmt::format("{}: {} in {}, from {}: {} of IGMP, {} of MLD\n", printable(path),
                     text::counted(totals.frames, "frame"), clock(totals.observed),
                     date(totals.first), totals.igmp, totals.mld);
  for (const auto& link : made.links) print_link(out, link);
  out << '\n';
  bool has_findings = false;
  for (std::size_t i = 0; i < made.links.size(); ++i) {
    for (const auto& finding : made.findings[i]) {
      has_findings = true;
      out << fmt::format("{} {} {}{}\n    {}\n", upper(to_string(finding.severity)), finding.id,
                         finding.subject == made.links[i].protocol ? "" : finding.subject + " ",
                         finding.what, finding.fix);
    }
  }
  if (!has_findings) out << "Nothing is wrong in this capture.\n";
  out << "class: " << made.overall
      << "\nA snooping switch sends reports to the port of the querier alone: at another port a "
         "capture\nshows no reports of other hosts.\n";
  return out.str();
}

}  // namespace mcq::cli
