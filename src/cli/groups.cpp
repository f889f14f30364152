#include "cli/groups.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/family.hpp"
#include "base/ip_address.hpp"
#include "cli/bridge_ports.hpp"
#include "cli/list.hpp"
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

std::string well_known_name(const json& group) {
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

std::vector<std::string> members_of(const json& group, const HostNameMap& names) {
  std::vector<std::string> lines;
  for (const auto& source : group.at("source")) {
    lines.push_back("source " + with_name(text(source.at("source-address")), names) +
                    (source.at("forwarded").get<bool>()
                         ? ", expires in " + clock_time(source.at("expire"))
                         : ", excluded by all"));
  }
  for (const auto& host : group.at("host")) {
    lines.push_back("host " + with_name(text(host.at("host-address")), names) + ", v" +
                    std::to_string(text::whole_number(host.at("version"))) + ", reported " +
                    clock_time(host.at("last-report")) + " ago");
  }
  return lines;
}

/// A group with less than this part of its lifetime left has missed a query.
constexpr double kLittle = 0.25;

Style style_of_expiry(const json& group, const GroupDetails& known) {
  const auto found =
      known.lifetimes.find({group.at("interface-name"), group.value("family", std::string{})});
  const bool is_known = found != known.lifetimes.end();
  const bool is_soon = is_known && group.at("expire").get<double>() < kLittle * found->second;
  return is_soon ? Style::kWarning : Style::kPlain;
}

SortKey by_member(const json& group, const char* member) {
  return by_number(group.at(member).get<double>());
}

SortKey by_group(const json& one) {
  auto key = by_address(one.at("group-address"));
  key.text += one.at("interface-name").get<std::string>();
  return key;
}

/// The columns that say which group it is.
Fields<json> first_fields() {
  constexpr std::size_t kName = 24;
  const auto shown_hosts = [](const json& one) -> Span {
    const auto hosts = one.at("host").size();
    return {hosts == 0 ? "-" : std::to_string(hosts)};
  };
  const auto group = [](const json& one) -> Span {
    const bool mark = looks_like_local_control(one);
    return {text(one.at("group-address")) + (mark ? " !" : ""),
            mark ? Style::kWarning : Style::kPlain};
  };
  return {{{"Group"}, group, by_group},
          {{"Name", Table::Align::kLeft, 2, kName},
           [](const json& one) -> Span { return {well_known_name(one)}; },
           [](const json& one) { return by_text(well_known_name(one)); }},
          {{"Hosts", Table::Align::kRight, 1},
           shown_hosts,
           [](const json& one) { return by_number(static_cast<double>(one.at("host").size())); }},
          {{"Mode", Table::Align::kLeft, 9},
           [](const json& one) -> Span { return {mode_of(one)}; },
           [](const json& one) { return by_text(mode_of(one)); }},
          {{"Ver", Table::Align::kLeft, 10},
           [](const json& one) -> Span {
             return {"v" + std::to_string(text::whole_number(one.at("version")))};
           },
           [](const json& one) { return by_member(one, "version"); }}};
}

/// The columns that say who keeps it alive, and for how long.
Fields<json> reporter_fields(const GroupDetails& known) {
  constexpr std::size_t kName = 24;
  const auto reporter_name = [&known](const json& one) {
    return name_of(text(one.at("last-reporter")), known.names);
  };
  return {{{"Last reporter", Table::Align::kLeft, 7},
           [](const json& one) -> Span { return {text(one.at("last-reporter"))}; },
           [](const json& one) { return by_address(text(one.at("last-reporter"))); }},
          {{"Reporter name", Table::Align::kLeft, 11, kName},
           [=](const json& one) -> Span { return {reporter_name(one)}; },
           [=](const json& one) { return by_text(reporter_name(one)); }},
          {{"Uptime", Table::Align::kRight, 8},
           [](const json& one) -> Span { return {clock_time(one.at("up-time"))}; },
           [](const json& one) { return by_member(one, "up-time"); }},
          {{"Expires", Table::Align::kRight, 3},
           [&known](const json& one) -> Span {
             return {clock_time(one.at("expire")), style_of_expiry(one, known)};
           },
           [](const json& one) { return by_member(one, "expire"); }}};
}

/// The columns that some lists have.
Fields<json> last_fields(bool names_interfaces) {
  const auto held = [](const json& one) {
    return std::string{one.value("held", false) ? "by us" : ""};
  };
  return {{{"Held", Table::Align::kLeft, 6},
           [=](const json& one) -> Span { return {held(one)}; },
           [=](const json& one) { return by_text(held(one)); }},
          {{"Interface", Table::Align::kLeft, 4},
           [=](const json& one) -> Span {
             return {names_interfaces ? text(one.at("interface-name")) : ""};
           },
           [](const json& one) { return by_text(text(one.at("interface-name"))); }},
          {{"Ports", Table::Align::kLeft, 5},
           [](const json& one) -> Span { return {ports_of(one)}; },
           [](const json& one) { return by_text(ports_of(one)); }}};
}

/// `known` must outlive the fields.
Fields<json> all_fields(const GroupDetails& known, bool names_interfaces) {
  auto all = first_fields();
  for (auto& field : reporter_fields(known)) all.push_back(std::move(field));
  for (auto& field : last_fields(names_interfaces)) all.push_back(std::move(field));
  return all;
}

bool has_several_interfaces(const json& groups) {
  std::set<std::string> interfaces;
  for (const auto& one : groups) interfaces.insert(text(one.at("interface-name")));
  return interfaces.size() > 1;
}

/// The addresses that are shown, with a name if they have one.
std::vector<std::string> hosts_of(const json& groups, bool all_members) {
  std::vector<std::string> addresses;
  for (const auto& one : groups) {
    if (const auto& reporter = one.at("last-reporter"); reporter.is_string()) {
      addresses.push_back(reporter);
    }
    if (!all_members) continue;
    for (const auto& host : one.at("host")) addresses.push_back(host.at("host-address"));
    for (const auto& source : one.at("source")) addresses.push_back(source.at("source-address"));
  }
  return addresses;
}

constexpr const char* kMissingNote =
    "none: the bridge filters and does not know the group: only ports with routers get it";
constexpr const char* kMarkNote =
    "! has the same Ethernet address as one of 224.0.0.x, which switches flood or treat as control "
    "traffic: use another group";

}  // namespace

void Groups::declare(CLI::App& command) {
  command.description("list the groups that have members");
  command.add_option("GROUP", group, "only this group")->type_name("");
  client.declare(command);
  client.declare_family(command);
  command.add_option("--host", host, "only groups that this host listens to")->type_name("ADDRESS");
  command.add_option("--name", name, "only groups whose name contains this")->type_name("TEXT");
  declare_sort(command, sort, words_of(all_fields({}, false)),
               {{"address", "group"}, {"expire", "expires"}});
  command.add_flag("-r,--reverse", reverse, "reverse the order");
  command.add_flag("--ports", ports, "show behind which port of the bridge each group is");
  command.add_flag("--long,--sources", all_members, "list sources and hosts of each group");
  declare_numeric(command, numeric);
  options.declare_wide(command);
  options.declare_color(command);
}

json Groups::select(json answer, const GroupDetails& known) const {
  auto& items = answer.at("groups").get_ref<json::array_t&>();
  const auto unwanted = [&](const json& one) {
    return (!name.empty() && !contains_ignoring_case(well_known_name(one), name)) ||
           (!host.empty() && !has_host(one, host));
  };
  items.erase(std::remove_if(items.begin(), items.end(), unwanted), items.end());
  sort_rows(items, all_fields(known, false), sort, reverse);
  return answer;
}

std::string Groups::nothing() const {
  if (!group.empty()) return "no host is a member of " + group + "\n";
  return name.empty() && host.empty() ? "no groups\n" : "no groups that match\n";
}

std::string Groups::render(const json& answer, const Output& output,
                           const GroupDetails& known) const {
  const auto& groups = answer.at("groups");
  if (groups.empty()) return nothing();
  bool marked = false, is_missing = false;
  const auto fields = all_fields(known, has_several_interfaces(groups));
  auto table = table_of(fields);
  for (const auto& one : groups) {
    marked = marked || looks_like_local_control(one);
    is_missing = is_missing || one.value("ports-reason", json{}) == kMissing;
    table.add(cells_of(fields, one),
              all_members ? members_of(one, known.names) : std::vector<std::string>{});
  }
  const auto note = [&](bool is_due, const char* sentence) {
    return is_due ? wrapped(sentence, 2, std::min(output.columns, kNoteColumns)) + "\n" : "";
  };
  return to_text(table.lines(output.columns), output) + note(is_missing, kMissingNote) +
         note(marked, kMarkNote);
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

GroupDetails Groups::find_out(const json& answer, const Output& output) const {
  GroupDetails known;
  if (client.json) return known;
  if (!numeric) known.names = look_up_names(hosts_of(answer.at("groups"), all_members));
  const auto status = output.has_colours ? client.get("/v1/status") : Result<json>{json::object()};
  if (!status) return known;
  for (const auto& one : status->value("interfaces", json::array())) {
    known.lifetimes[{one.at("interface-name"), one.at("family")}] = one.at("membership-interval");
  }
  return known;
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
  const auto output = options.output();
  return print(io, [&] {
    const auto known = wanted.find_out(*answer, output);
    const auto selected = wanted.select(*std::move(answer), known);
    return client.json ? pretty(selected) : wanted.render(selected, output, known);
  });
}

}  // namespace mcq::cli
