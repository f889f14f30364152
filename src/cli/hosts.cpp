#include "cli/hosts.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "cli/list.hpp"
#include "text/json.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

/// Indexes a response of /v1/groups by member.
class Memberships {
 public:
  using Groups = std::vector<const json*>;

  explicit Memberships(const json& answer) {
    for (const auto& group : answer.at("groups")) {
      for (const auto& host : group.at("host")) {
        groups_[key(group.at("interface-name"), host.at("host-address"))].push_back(&group);
      }
    }
  }
  const Groups& of(const json& host) const {
    static const Groups kNone;
    const auto found = groups_.find(key(host.at("interface-name"), host.at("host-address")));
    return found == groups_.end() ? kNone : found->second;
  }

 private:
  using Key = std::pair<std::string, std::string>;
  static Key key(const json& interface, const json& host) {
    return {interface.get<std::string>(), host.get<std::string>()};
  }
  std::map<Key, Groups> groups_;
};

std::string vendor_of(const json& host, const text::MacVendors& vendors) {
  const auto found = vendors.find(host.at("mac-address").get<std::string>());
  return found == vendors.end() ? "" : found->second;
}

std::vector<std::string> lines_of(Memberships::Groups groups) {
  std::sort(groups.begin(), groups.end(), [](const json* a, const json* b) {
    return parse_address(a->at("group-address")) < parse_address(b->at("group-address"));
  });
  std::vector<std::string> lines;
  for (const auto* group : groups) {
    const auto name = text::well_known_group(group->at("group-address").get<std::string>());
    lines.push_back(text(group->at("group-address")) + (name.empty() ? "" : "  " + name));
  }
  return lines;
}

/// That member of each host.
std::vector<std::string> each(const json& answer, const char* member) {
  std::vector<std::string> all;
  for (const auto& host : answer.at("hosts")) all.push_back(host.at(member));
  return all;
}

SortKey by_host(const json& one) {
  auto key = by_address(one.at("host-address"));
  key.text += one.at("interface-name").get<std::string>();
  return key;
}

SortKey by_member(const json& one, const char* member) {
  return by_number(one.at(member).get<double>());
}

/// The columns that say which host it is.
Fields<json> first_fields(const HostDetails& known) {
  constexpr std::size_t kNameWidth = 24;
  const auto host = [](const json& one) -> Span {
    const bool is_silent = one.at("silent").get<bool>();
    return {text(one.at("host-address")) + (is_silent ? " ?" : ""),
            is_silent ? Style::kWarning : Style::kPlain};
  };
  const auto name = [&known](const json& one) {
    return name_of(text(one.at("host-address")), known.names);
  };
  const auto vendor = [&known](const json& one) { return vendor_of(one, known.vendors); };
  return {{{"Host"}, host, by_host},
          {{"Host name", Table::Align::kLeft, 4, kNameWidth},
           [=](const json& one) -> Span { return {name(one)}; },
           [=](const json& one) { return by_text(name(one)); }},
          {{"MAC address", Table::Align::kLeft, 5},
           [](const json& one) -> Span { return {text(one.at("mac-address"))}; },
           [](const json& one) { return by_text(text(one.at("mac-address"))); }},
          {{"Vendor", Table::Align::kLeft, 6, kNameWidth},
           [=](const json& one) -> Span { return {vendor(one)}; },
           [=](const json& one) { return by_text(vendor(one)); }}};
}

/// The columns that say what it has reported.
Fields<json> last_fields(const Memberships& memberships, bool names_interfaces) {
  const auto groups = [&memberships](const json& one) { return memberships.of(one).size(); };
  return {{{"Ver", Table::Align::kLeft, 8},
           [](const json& one) -> Span {
             return {"v" + std::to_string(text::whole_number(one.at("version")))};
           },
           [](const json& one) { return by_member(one, "version"); }},
          {{"Groups", Table::Align::kRight, 2},
           [=](const json& one) -> Span { return {std::to_string(groups(one))}; },
           [=](const json& one) { return by_number(static_cast<double>(groups(one))); }},
          {{"First seen", Table::Align::kRight, 7},
           [](const json& one) -> Span { return {clock_time(one.at("up-time"))}; },
           [](const json& one) { return by_member(one, "up-time"); }},
          {{"Last report", Table::Align::kRight, 1},
           [](const json& one) -> Span { return {clock_time(one.at("last-report"))}; },
           [](const json& one) { return by_member(one, "last-report"); }},
          {{"Interface", Table::Align::kLeft, 3},
           [=](const json& one) -> Span {
             return {names_interfaces ? text(one.at("interface-name")) : std::string{}};
           },
           [](const json& one) { return by_text(text(one.at("interface-name"))); }}};
}

/// What is given must outlive the fields.
Fields<json> all_fields(const HostDetails& known, const Memberships& memberships,
                        bool names_interfaces) {
  auto all = first_fields(known);
  for (auto& field : last_fields(memberships, names_interfaces)) all.push_back(std::move(field));
  return all;
}

bool has_several_interfaces(const json& hosts) {
  std::set<std::string> interfaces;
  for (const auto& one : hosts) interfaces.insert(text(one.at("interface-name")));
  return interfaces.size() > 1;
}

constexpr const char* kSilentNote =
    "? has not answered the last two queries and has not left: it is switched off, or queries or "
    "its reports get lost";

}  // namespace

void Hosts::declare(CLI::App& command) {
  command.description("list the hosts that have reported a group");
  command.add_option("HOST", host, "only this host")->type_name("");
  client.declare(command);
  client.declare_family(command);
  command.add_option("--group", group, "only hosts that listen to this group")
      ->type_name("ADDRESS");
  command.add_option("--vendor", vendor, "only hosts whose manufacturer's name contains this")
      ->type_name("TEXT");
  json no_groups;
  no_groups["groups"] = json::array();
  declare_sort(command, sort, words_of(all_fields({}, Memberships{no_groups}, false)),
               {{"address", "host"}, {"last", "last-report"}, {"uptime", "first-seen"}});
  command.add_flag("-r,--reverse", reverse, "reverse the order");
  command.add_flag("--long", all_groups, "list the groups of each host");
  declare_numeric(command, numeric);
  options.declare_wide(command);
  options.declare_color(command);
}

json Hosts::select(json answer, const json& groups, const HostDetails& known) const {
  const Memberships memberships{groups};
  auto& items = answer.at("hosts").get_ref<json::array_t&>();
  const auto listens = [&](const json& one) {
    const auto& its = memberships.of(one);
    return std::any_of(its.begin(), its.end(),
                       [&](const json* g) { return g->at("group-address") == group; });
  };
  const auto unwanted = [&](const json& one) {
    return (!host.empty() && one.at("host-address") != host) || (!group.empty() && !listens(one)) ||
           (!vendor.empty() && !contains_ignoring_case(vendor_of(one, known.vendors), vendor));
  };
  items.erase(std::remove_if(items.begin(), items.end(), unwanted), items.end());
  sort_rows(items, all_fields(known, memberships, false), sort, reverse);
  return answer;
}

std::string Hosts::nothing() const {
  if (!host.empty()) return "no group is reported by " + host + "\n";
  return group.empty() && vendor.empty() ? "no hosts\n" : "no hosts that match\n";
}

std::string Hosts::render(const json& answer, const json& groups, const HostDetails& known,
                          const Output& output) const {
  const auto& hosts = answer.at("hosts");
  if (hosts.empty()) return nothing();
  const Memberships memberships{groups};
  const auto fields = all_fields(known, memberships, has_several_interfaces(hosts));
  auto table = table_of(fields);
  bool marked = false;
  for (const auto& one : hosts) {
    marked = marked || one.at("silent").get<bool>();
    table.add(cells_of(fields, one),
              all_groups ? lines_of(memberships.of(one)) : std::vector<std::string>{});
  }
  const auto note = wrapped(kSilentNote, 2, std::min(output.columns, kNoteColumns)) + "\n";
  return to_text(table.lines(output.columns), output) + (marked ? note : std::string{});
}

ExitCode Hosts::run(Streams io) const {
  auto wanted = *this;
  if (const auto made = make_canonical({&wanted.host, &wanted.group}); !made) {
    return io.failure(made.error().message, ExitCode::kWrongUsage);
  }
  auto answer = client.get("/v1/hosts");
  if (!answer) return io.failure(answer.error().message, ExitCode::kNoAnswer);
  const auto groups = client.get("/v1/groups");
  if (!groups) return io.failure(groups.error().message, ExitCode::kNoAnswer);
  const auto output = options.output();
  return print(io, [&] {
    HostDetails known{.vendors = text::load_mac_vendors(each(*answer, "mac-address"))};
    if (!numeric && !client.json) known.names = look_up_names(each(*answer, "host-address"));
    const auto selected = wanted.select(*std::move(answer), *groups, known);
    return client.json ? pretty(selected) : wanted.render(selected, *groups, known, output);
  });
}

}  // namespace mcq::cli
