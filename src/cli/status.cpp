#include "cli/status.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/bridge_ports.hpp"
#include "monitor/link_monitor.hpp"
#include "text/json.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLabelWidth = 16;

/// Formats "  label         text", wrapped at 80 columns.
std::string line(std::string label, const std::string& content) {
  label.resize(kLabelWidth - 2, ' ');
  return "  " + label + wrapped(content, kLabelWidth) + "\n";
}

/// Lines in the colour of a style.
std::string painted_lines(std::string lines, Style style, const Output& output) {
  if (lines.empty()) return lines;
  lines.pop_back();
  return painted(lines, style, output) + "\n";
}

Style style_of(const json& severity) {
  if (severity == "problem") return Style::kBad;
  return severity == "risk" ? Style::kWarning : Style::kPlain;
}

std::uint64_t count(const json& value) { return text::whole_number(value); }

/// The reason of a count in words that need no explanation.
std::string reason(const std::string& name) {
  if (name == monitor::kServedTwice) return "another igmp-querier here serves this interface too";
  return text(json(name));
}

/// Formats counts by reason, highest first: "too many groups (3), bad checksum (1)".
std::string by_kind(const json& counts) {
  std::vector<std::pair<std::uint64_t, std::string>> kinds;
  for (const auto& [name, number] : counts.items()) {
    if (count(number) > 0) kinds.emplace_back(count(number), reason(name));
  }
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string list;
  for (const auto& [number, name] : kinds) {
    list += (list.empty() ? "" : ", ") + name + " (" + std::to_string(number) + ")";
  }
  return list;
}

/// "12 reports (8 v2, 4 v3)"
std::string by_version(const json& received, const std::string& type) {
  const auto total = count(received.at(type));
  std::string versions;
  for (const char* version : {"v1", "v2", "v3"}) {
    const auto number = received.find(type + "-" + version);
    if (number == received.end() || count(*number) == 0) continue;
    versions += (versions.empty() ? "" : ", ") + std::to_string(count(*number)) + " " + version;
  }
  const auto plural = type == "query" ? "queries" : type + "s";
  return std::to_string(total) + " " + (total == 1 ? type : plural) +
         (versions.empty() ? "" : " (" + versions + ")");
}

/// "IGMPv2"
std::string protocol_version(const json& interface, const json& version) {
  return text(interface.at("protocol")) + "v" + std::to_string(count(version));
}

std::string querier_lines(const json& interface, const text::MacVendors& vendors) {
  const auto& other = interface.at("other-querier");
  if (other.is_null()) {
    const auto& querier = interface.at("querier");
    const bool ours = interface.at("role") == "querier";
    return line("querier",
                querier.is_null() ? "none" : text(querier) + (ours ? " (this host)" : ""));
  }
  const auto advertised = other.at("query-interval").is_null()
                              ? "no query interval"
                              : "query interval " + in_seconds(other.at("query-interval")) +
                                    ", robustness " +
                                    (other.at("robustness-variable").is_null()
                                         ? "-"
                                         : std::to_string(count(other.at("robustness-variable"))));
  const auto& measured = other.at("measured-query-interval");
  return line("querier", text(other.at("address")) + ", " +
                             with_vendor(other.at("mac-address"), vendors) + ", " +
                             protocol_version(interface, other.at("version"))) +
         line("  advertises", advertised) +
         line("  measured",
              measured.is_null() ? "one query so far" : "a query every " + in_seconds(measured)) +
         line("  last query", clock_time(other.at("last-query")) +
                                  " ago; unless it queries again, we take over in " +
                                  clock_time(other.at("expire")));
}

std::string rival_line(const json& interface, const text::MacVendors& vendors) {
  const auto& rival = interface.at("rival");
  if (rival.is_null()) return "";
  const auto queries = count(rival.at("queries"));
  return line("rival", text(rival.at("address")) + ", " +
                           with_vendor(rival.at("mac-address"), vendors) + ", " +
                           protocol_version(interface, rival.at("version")) +
                           ": queries although our address is lower, " + std::to_string(queries) +
                           (queries == 1 ? " time" : " times") + ", the last " +
                           clock_time(rival.at("last-query")) + " ago");
}

std::string answers_line(const json& interface) {
  const auto& last = interface.at("last-general-query");
  if (last.is_null()) return line("last query", "none yet");
  auto sentence = clock_time(last.at("ago")) + " ago; " +
                  text::counted(count(last.at("answered")), "host") +
                  (last.at("complete").get<bool>() ? " answered" : " answered so far");
  if (const auto& before = last.at("answered-before"); !before.is_null()) {
    sentence += ", " + std::to_string(count(before)) + " the one before";
  }
  return line("last query", sentence);
}

std::string silent_line(const json& interface) {
  const auto silent = count(interface.at("silent-hosts-count"));
  if (silent == 0) return "";
  std::string names;
  std::uint64_t named = 0;
  for (const auto& host : interface.at("silent-hosts")) {
    names += (named++ == 0 ? "" : ", ") + text(host);
  }
  if (silent > named) names += " and " + std::to_string(silent - named) + " more";
  return line("silent", text::counted(silent, "host") + " that " + (silent == 1 ? "has" : "have") +
                            " not left but " + (silent == 1 ? "answers" : "answer") +
                            " no query: " + names);
}

/// `one`: an interface whose bridge has "routers", the names of its router ports.
std::string bridge_line(const json& one) {
  const auto& bridge = bridge_of(one);
  if (bridge.is_null()) return "";
  return line("bridge",
              bridge_sentence(bridge, bridge.value("routers", std::vector<std::string>{})));
}

std::string held_line(const json& one) {
  const auto held = one.value("held-groups", json::array());
  if (held.empty()) return "";
  std::string groups;
  for (const auto& group : held) {
    groups += (groups.empty() ? "" : ", ") + text(group.at("group-address")) +
              (group.at("joined").get<bool>() ? "" : " (not joined)");
  }
  return line("holds", groups + ": switches send these streams to this port");
}

std::string settings_line(const json& interface) {
  const auto& s = interface.at("settings");
  return line("settings",
              protocol_version(interface, s.at("version")) + ", query every " +
                  in_seconds(s.at("query-interval")) + ", response " +
                  in_seconds(s.at("query-max-response-time")) + ", robustness " +
                  std::to_string(count(s.at("robustness-variable"))) + ", other querier " +
                  in_seconds(s.at("other-querier-present-interval")) + ", at most " +
                  text::counted(count(s.at("max-groups")), "group") +
                  (s.at("proxy").get<bool>() ? ", proxy" : "") +
                  (s.at("explicit-tracking").get<bool>() ? "" : ", hosts are not tracked"));
}

std::string statistics_lines(const json& interface) {
  const auto& s = interface.at("statistics");
  const auto& sent = s.at("sent");
  const auto& received = s.at("received");
  const auto& dropped = s.at("dropped");
  const auto reasons = by_kind(dropped.at("reasons"));
  const auto noticed = by_kind(s.at("noticed"));
  const auto lost = count(s.at("elections-lost"));
  const auto changes = by_kind(s.value("topology-changes", json::object()));
  return line("counters", "for " + clock_time(s.at("up-time")) + ": " +
                              text::counted(count(s.at("role-changes")), "role change") + ", " +
                              text::counted(lost, "election") + " lost") +
         (changes.empty() ? "" : line("topology", "changes followed by two queries: " + changes)) +
         line("sent", by_version(sent, "query") + ": " +
                          std::to_string(count(sent.at("general-query"))) + " general, " +
                          std::to_string(count(sent.at("specific-query"))) + " specific") +
         line("received",
              std::to_string(count(received.at("total"))) + ": " + by_version(received, "report") +
                  ", " + by_version(received, "leave") + ", " + by_version(received, "query")) +
         line("dropped", std::to_string(count(dropped.at("total"))) +
                             (reasons.empty() ? "" : ": " + reasons)) +
         (noticed.empty() ? "" : line("noticed", noticed));
}

std::string render_interface(const json& one, const text::MacVendors& vendors,
                             const Output& output) {
  const auto& mac = one.at("mac-address");
  const auto& next = one.at("next-query");
  return text(one.at("interface-name")) + " " + text(one.at("protocol")) + "\n" +
         line("link", text(one.at("oper-status")) +
                          (mac.is_null() ? "" : ", " + with_vendor(mac, vendors))) +
         line("address", one.at("address").is_null() ? "none" : text(one.at("address"))) +
         line("role", text(one.at("role")) + " for " + clock_time(one.at("role-up-time")) + ": " +
                          text(one.at("reason"))) +
         querier_lines(one, vendors) +
         painted_lines(rival_line(one, vendors), Style::kBad, output) +
         (next.is_null() ? "" : line("next query", "in " + clock_time(next))) + answers_line(one) +
         line("members", text::counted(count(one.at("hosts-count")), "host") + ", " +
                             text::counted(count(one.at("groups-count")), "group") + ", " +
                             text::counted(count(one.at("sources-count")), "source")) +
         painted_lines(silent_line(one), Style::kWarning, output) + held_line(one) +
         bridge_line(one) + settings_line(one) + statistics_lines(one);
}

/// The findings that the verdict does not tell.
std::string further_findings(const json& one, const Output& output) {
  std::string lines;
  bool is_told = !one.at("healthy").get<bool>();
  for (const auto& finding : one.at("findings")) {
    if (std::exchange(is_told, false)) continue;
    const auto& subject = finding.at("subject");
    const auto& severity = finding.at("severity");
    const auto sentence = (subject == one.at("protocol") ? "" : text(subject) + " ") +
                          text(finding.at("what")) + ": " + text(finding.at("fix"));
    lines += painted_lines(line(text(severity), sentence), style_of(severity), output);
  }
  return lines;
}

/// The MAC addresses whose manufacturers are shown.
std::vector<std::string> mac_addresses(const json& status) {
  std::vector<std::string> all;
  const auto add = [&](const json& mac) {
    if (mac.is_string()) all.push_back(mac);
  };
  for (const auto& one : status.at("interfaces")) {
    add(one.at("mac-address"));
    for (const char* querier : {"other-querier", "rival"}) {
      if (!one.at(querier).is_null()) add(one.at(querier).at("mac-address"));
    }
  }
  return all;
}

/// The status with the router ports of its bridges.
json with_routers(const Client& client, json status) {
  auto& interfaces = status.at("interfaces");
  const bool has_bridge = std::any_of(interfaces.begin(), interfaces.end(),
                                      [](const json& one) { return !bridge_of(one).is_null(); });
  const auto table = has_bridge ? client.get("/v1/bridge-table", {{"type", "router"}})
                                : Result<json>{fail("no bridge")};
  if (!table) return status;
  const BridgePorts ports{status, *table};
  for (auto& one : interfaces) {
    if (bridge_of(one).is_null()) continue;
    one.at("bridge")["routers"] = ports.routers(one.at("interface-name"), one.at("family"));
  }
  return status;
}

}  // namespace

std::string render_status(const json& status, const text::MacVendors& vendors,
                          const Output& output) {
  const auto& interfaces = status.at("interfaces");
  // Verdicts are not wrapped, and bad ones come first: monitoring tools read the first line.
  std::string bad, good, blocks;
  for (const auto& one : interfaces) {
    const bool healthy = one.at("healthy").get<bool>();
    const auto style = healthy ? Style::kGood : Style::kBad;
    (healthy ? good : bad) +=
        painted(text(one.at("verdict")), style, output) + "\n" + further_findings(one, output);
    blocks += "\n" + render_interface(one, vendors, output);
  }
  return interfaces.empty() ? text(status.at("verdict")) + "\n" : bad + good + blocks;
}

void Status::declare(CLI::App& command) {
  command.description("show the querier, the reason for our role, and whether all is well");
  client.declare(command);
  client.declare_family(command);
  options.declare_color(command);
}

ExitCode Status::run(Streams io) const {
  const auto status = client.get("/v1/status");
  if (!status) return io.failure(status.error().message, ExitCode::kNoAnswer);
  bool healthy = true;
  const auto printed = print(io, [&] {
    const auto& interfaces = status->at("interfaces");
    if (interfaces.empty()) healthy = status->at("healthy");
    for (const auto& one : interfaces) healthy = healthy && one.at("healthy").get<bool>();
    if (client.json) return pretty(*status);
    const auto output = options.output();
    const auto vendors = text::load_mac_vendors(mac_addresses(*status));
    return painted(render_status(with_routers(client, *status), vendors, output), Style::kPlain,
                   output);
  });
  if (printed != ExitCode::kOk) return printed;
  return healthy ? ExitCode::kOk : ExitCode::kUnhealthy;
}

}  // namespace mcq::cli
