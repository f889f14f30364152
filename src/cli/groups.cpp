#include "cli/groups.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/family.hpp"
#include "base/ip_address.hpp"
#include "cli/bridge_ports.hpp"
#include "text/json.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

/// Whether an IPv4 group outside 224.0.0.0/24 has the Ethernet address of a group inside it: the
/// Ethernet address has only the last 23 bits of the group (RFC 1112 §6.4).
bool looks_like_local_control(const json& group) {
  const auto address = parse_address(group.at("group-address"));
  const auto* v4 = address ? std::get_if<Ipv4Address>(&*address) : nullptr;
  if (!v4 || !Igmp::is_tracked(*v4)) return false;
  return (v4->bytes[1] & 0x7f) == 0 && v4->bytes[2] == 0;
}

std::string name_of(const json& group) {
  return text::well_known_group(group.at("group-address").get<std::string>());
}

bool has_host(const json& group, const std::string& host) {
  const auto& hosts = group.at("host");
  return std::any_of(hosts.begin(), hosts.end(),
                     [&](const json& one) { return one.at("host-address") == host; });
}

/// Filter mode and number of sources: "exclude", "exclude 2", "include 3".
std::string mode_of(const json& group) {
  const auto sources = group.at("source").size();
  return text(group.at("filter-mode")) + (sources == 0 ? "" : " " + std::to_string(sources));
}

constexpr const char* kMissing = "none";

/// Adds to each group the ports of the bridge behind which it is, and the reason for none.
void add_ports(json& answer, const BridgePorts& ports) {
  for (auto& one : answer.at("groups")) {
    const auto place = ports.find(one);
    one["ports"] = place.ports;
    one["ports-reason"] = place.is_missing       ? json(kMissing)
                          : place.reason.empty() ? json{}
                                                 : json(place.reason);
  }
}

/// "tap101i0, this host", "all: it does not snoop"; empty without add_ports().
std::string ports_of(const json& group) {
  const auto reason = group.find("ports-reason");
  if (reason == group.end()) return "";
  if (!reason->is_null()) return text(*reason);
  std::string list;
  for (const auto& port : group.at("ports")) list += (list.empty() ? "" : ", ") + text(port);
  return list;
}

std::vector<std::string> members_of(const json& group) {
  std::vector<std::string> lines;
  for (const auto& source : group.at("source")) {
    lines.push_back("    source " + text(source.at("source-address")) +
                    (source.at("forwarded").get<bool>()
                         ? ", expires in " + clock_time(source.at("expire"))
                         : ", excluded by all"));
  }
  for (const auto& host : group.at("host")) {
    lines.push_back("    host " + text(host.at("host-address")) + ", v" +
                    std::to_string(text::whole_number(host.at("version"))) + ", reported " +
                    clock_time(host.at("last-report")) + " ago");
  }
  return lines;
}

}  // namespace

void Groups::declare(CLI::App& command) {
  command.description("list the groups that have members");
  command.add_option("GROUP", group, "only this group")->type_name("");
  client.declare(command);
  client.declare_family(command);
  command.add_option("--host", host, "only groups that this host listens to")->type_name("ADDRESS");
  command.add_option("--name", name, "only groups whose name contains this")->type_name("TEXT");
  command.add_option("--sort", sort, "order (default: address)")
      ->type_name("ORDER")
      ->check(CLI::IsMember({"address", "name", "hosts", "uptime", "expire"}));
  command.add_flag("-r,--reverse", reverse, "reverse the order");
  command.add_flag("--ports", ports, "show behind which port of the bridge each group is");
  command.add_flag("--long,--sources", all_members, "list sources and hosts of each group");
}

json Groups::select(json answer) const {
  auto& groups = answer.at("groups");
  auto& items = groups.get_ref<json::array_t&>();
  const auto unwanted = [&](const json& one) {
    return (!name.empty() && !contains_ignoring_case(name_of(one), name)) ||
           (!host.empty() && !has_host(one, host));
  };
  items.erase(std::remove_if(items.begin(), items.end(), unwanted), items.end());
  sort_by(groups, reverse && sort == "address", [](const json& one) {
    return std::pair{parse_address(one.at("group-address")),
                     one.at("interface-name").get<std::string>()};
  });
  const auto sort_by_number = [&](auto number_of) { sort_by(groups, reverse, number_of); };
  if (sort == "name") {
    sort_by(groups, reverse, [](const json& one) {
      const auto known = name_of(one);
      return std::pair{known.empty(), known};
    });
  }
  if (sort == "hosts") sort_by_number([](const json& one) { return one.at("host").size(); });
  if (sort == "uptime")
    sort_by_number([](const json& one) { return one.at("up-time").get<double>(); });
  if (sort == "expire")
    sort_by_number([](const json& one) { return one.at("expire").get<double>(); });
  return answer;
}

std::string Groups::render(const json& answer) const {
  const auto& groups = answer.at("groups");
  if (groups.empty()) return "no groups\n";
  std::set<std::string> interfaces;
  for (const auto& one : groups) interfaces.insert(text(one.at("interface-name")));
  bool marked = false, is_missing = false;
  using enum Table::Align;
  Table table{{{"Group"},
               {"Name"},
               {"Hosts", kRight},
               {"Mode"},
               {"Ver"},
               {"Last reporter"},
               {"Uptime", kRight},
               {"Expires", kRight},
               {"Held"},
               {"Interface"},
               {"Ports"}}};
  for (const auto& one : groups) {
    const bool mark = looks_like_local_control(one);
    marked = marked || mark;
    is_missing = is_missing || one.value("ports-reason", json{}) == kMissing;
    const auto hosts = one.at("host").size();
    table.add({text(one.at("group-address")) + (mark ? " !" : ""), name_of(one),
               hosts == 0 ? "-" : std::to_string(hosts), mode_of(one),
               "v" + std::to_string(text::whole_number(one.at("version"))),
               text(one.at("last-reporter")), clock_time(one.at("up-time")),
               clock_time(one.at("expire")), one.value("held", false) ? "by us" : "",
               interfaces.size() > 1 ? text(one.at("interface-name")) : "", ports_of(one)},
              all_members ? members_of(one) : std::vector<std::string>{});
  }
  return table.text() +
         (is_missing ? "none: the bridge filters and does not know the group: only ports with "
                       "routers get it\n"
                     : "") +
         (marked ? "! has the same Ethernet address as one of 224.0.0.x, which switches flood or\n"
                   "  treat as control traffic: use another group\n"
                 : "");
}

Result<Ok> Groups::look_up_ports(json& answer) const {
  const auto status = client.get("/v1/status");
  if (!status) return fail(status.error());
  const auto ports_of_groups =
      BridgePorts::read(client, *status, {{"group", group}, {"type", "group"}});
  if (!ports_of_groups) return fail(ports_of_groups.error());
  add_ports(answer, *ports_of_groups);
  return Ok{};
}

ExitCode Groups::run(Streams io) const {
  auto wanted = *this;
  if (const auto made = make_canonical({&wanted.group, &wanted.host}); !made) {
    return io.failure(made.error().message, ExitCode::kWrongUsage);
  }
  auto answer = client.get("/v1/groups", {{"group", wanted.group}});
  if (!answer) return io.failure(answer.error().message, ExitCode::kNoAnswer);
  if (ports) {
    const auto added = wanted.look_up_ports(*answer);
    if (!added) return io.failure(added.error().message, ExitCode::kNoAnswer);
  }
  return print(io, [&] {
    const auto selected = wanted.select(*std::move(answer));
    return client.json ? pretty(selected) : wanted.render(selected);
  });
}

}  // namespace mcq::cli
