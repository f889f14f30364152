#include "cli/explain.hpp"

#include <spdlog/fmt/fmt.h>

#include <CLI/Option.hpp>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "diagnose/capture_reader.hpp"
#include "diagnose/rules.hpp"
#include "os/capture_file.hpp"
#include "text/json.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using diagnose::Finding;
using diagnose::LinkEvidence;
using diagnose::Sighting;
using text::Json;

constexpr std::size_t kListed = 20;  ///< groups, hosts, elections in the text; JSON has all

/// A capture, and why its rest could not be read.
struct Explanation {
  diagnose::CaptureTotals totals;
  std::vector<LinkEvidence> links;
  std::vector<std::vector<Finding>> findings;  ///< by link
  std::string_view overall;
  std::optional<std::string> damage;

  bool has_problem() const {
    for (const auto& of_link : findings) {
      for (const auto& finding : of_link) {
        if (finding.severity == diagnose::Severity::kProblem) return true;
      }
    }
    return false;
  }
};

std::optional<wire::LinkLayer> known_layer(int number) {
  using enum wire::LinkLayer;
  for (const auto layer : {kEthernet, kRawIp, kLinuxCooked, kIpv4, kIpv6, kLinuxCooked2}) {
    if (static_cast<int>(layer) == number) return layer;
  }
  return std::nullopt;
}

Result<Explanation> explain(const std::string& path) {
  auto file = os::CaptureFile::open(path);
  if (!file) return fail(printable(file.error().message));
  const auto layer = known_layer(file->link_layer());
  if (!layer) {
    return fail(printable(path) + " has frames of " + file->link_layer_name() +
                "; Ethernet, Linux cooked and raw IP can be explained");
  }
  Explanation made;
  diagnose::CaptureReader reader{*layer};
  while (true) {
    const auto frame = file->next();
    if (!frame) made.damage = printable(frame.error().message);
    if (!frame || !*frame) break;
    reader.received((*frame)->number, (*frame)->time, (*frame)->bytes);
  }
  made.totals = reader.totals();
  made.links = reader.evidence();
  std::vector<Finding> all;
  for (const auto& link : made.links) {
    made.findings.push_back(diagnose::judge(link));
    all.insert(all.end(), made.findings.back().begin(), made.findings.back().end());
  }
  made.overall = diagnose::classify(made.links, all);
  return made;
}

/// "1:02:03", "4:20"
std::string clock(Duration time) {
  const auto all = std::chrono::floor<std::chrono::seconds>(time).count();
  if (all < 3600) return fmt::format("{}:{:02}", all / 60, all % 60);
  return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
}

std::string at(const Sighting& seen) {
  return fmt::format("{} (frame {})", clock(seen.time), seen.frame);
}

std::string in_seconds(Duration time) { return fmt::format("{:.1f} s", text::seconds(time)); }

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

void print_link(std::ostream& out, const LinkEvidence& link) {
  out << '\n'
      << title(link) << ": "
      << fmt::format("{} queries, {} reports, {} leaves\n", link.queries, link.reports,
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
    for (const auto& host : group.hosts) {
      if (hosts.size() > 200) {
        hosts += ", ...";
        break;
      }
      hosts += (hosts.empty() ? "" : ", ") + host;
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

void print(std::ostream& out, const std::string& path, const Explanation& made) {
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
}

Json to_json(const Sighting& seen) {
  return {{"time", text::seconds(seen.time)}, {"frame", seen.frame}};
}

Json text_or_null(const std::string& value) { return value.empty() ? Json{} : Json(value); }

Json to_json(const LinkEvidence& link) {
  Json json{{"protocol", link.protocol}, {"vlan", link.vlan ? Json(*link.vlan) : Json{}},
            {"queries", link.queries},   {"reports", link.reports},
            {"leaves", link.leaves},     {"querier", text_or_null(link.querier)},
            {"is-cut", link.is_cut}};
  auto& queriers = json["queriers"] = Json::array();
  for (const auto& q : link.queriers) {
    queriers.push_back({{"address", q.address},
                        {"mac-address", text_or_null(q.mac)},
                        {"oldest-version", q.oldest},
                        {"newest-version", q.newest},
                        {"general-queries", q.queries},
                        {"first", to_json(q.first)},
                        {"last", to_json(q.last)},
                        {"typical-interval", text::seconds(q.typical_interval)},
                        {"longest-interval", text::seconds(q.longest_interval)},
                        {"advertised-interval", text::seconds(q.advertised_interval)},
                        {"router-alert", !q.lacks_router_alert}});
  }
  auto& elections = json["elections"] = Json::array();
  for (const auto& e : link.elections) {
    elections.push_back({{"at", to_json(e.at)},
                         {"before", text_or_null(e.before)},
                         {"after", e.after},
                         {"silence", text::seconds(e.silence)}});
  }
  auto& groups = json["groups"] = Json::array();
  for (const auto& g : link.groups) {
    groups.push_back({{"address", g.address},
                      {"hosts", g.hosts},
                      {"reports", g.reports},
                      {"first", to_json(g.first)},
                      {"last", to_json(g.last)}});
  }
  auto& hosts = json["hosts"] = Json::array();
  for (const auto& h : link.hosts) {
    hosts.push_back({{"address", h.address},
                     {"mac-address", text_or_null(h.mac)},
                     {"version", h.version},
                     {"last", to_json(h.last)},
                     {"answered", h.answered},
                     {"unanswered", h.unanswered}});
  }
  auto& forgotten = json["forgotten"] = Json::array();
  for (const auto& f : link.forgotten) {
    forgotten.push_back({{"group", f.group},
                         {"last-report", to_json(f.last_report)},
                         {"back", f.back ? to_json(*f.back) : Json{}}});
  }
  auto& malformed = json["malformed"] = Json::array();
  for (const auto& m : link.malformed) {
    malformed.push_back({{"reason", m.reason}, {"count", m.count}, {"first-frame", m.first_frame}});
  }
  return json;
}

Json to_json(const Explanation& made) {
  Json json{{"class", made.overall},
            {"frames", made.totals.frames},
            {"igmp", made.totals.igmp},
            {"mld", made.totals.mld},
            {"unreadable", made.totals.unreadable},
            {"begin", text::seconds(made.totals.first)},
            {"duration", text::seconds(made.totals.observed)},
            {"damage", made.damage ? Json(*made.damage) : Json{}},
            {"links", Json::array()},
            {"findings", Json::array()}};
  for (std::size_t i = 0; i < made.links.size(); ++i) {
    const auto& link = made.links[i];
    json["links"].push_back(to_json(link));
    for (const auto& finding : made.findings[i]) {
      json["findings"].push_back({{"id", finding.id},
                                  {"severity", to_string(finding.severity)},
                                  {"protocol", link.protocol},
                                  {"vlan", link.vlan ? Json(*link.vlan) : Json{}},
                                  {"subject", finding.subject},
                                  {"what", finding.what},
                                  {"fix", finding.fix}});
    }
  }
  return json;
}

}  // namespace

void Explain::declare(CLI::App& command) {
  command.description("tell what a capture (pcap, pcapng) shows, and what is wrong in it");
  command.add_option("FILE", file, "capture; - for standard input")->type_name("")->required();
  command.add_flag("--json", json, "print JSON");
}

ExitCode Explain::run(Streams io) const {
  const auto made = explain(file);
  if (!made) return io.failure(made.error().message, ExitCode::kNoAnswer);
  if (json) {
    io.out << to_json(*made).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    print(io.out, file, *made);
  }
  if (made->damage) {
    return io.failure(fmt::format("{} is damaged behind frame {}: {}", printable(file),
                                  made->totals.frames, *made->damage),
                      ExitCode::kNoAnswer);
  }
  return made->has_problem() ? ExitCode::kUnhealthy : ExitCode::kOk;
}

}  // namespace mcq::cli
