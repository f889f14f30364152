#include "cli/hosts.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "text/json.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kVendorWidth = 24;

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
    lines.push_back("    " + text(group->at("group-address")) + (name.empty() ? "" : "  " + name));
  }
  return lines;
}

std::vector<std::string> mac_addresses(const json& answer) {
  std::vector<std::string> all;
  for (const auto& host : answer.at("hosts")) all.push_back(host.at("mac-address"));
  return all;
}

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
  command.add_option("--sort", sort, "order (default: address)")
      ->type_name("ORDER")
      ->check(CLI::IsMember({"address", "groups", "last", "uptime", "vendor"}));
  command.add_flag("-r,--reverse", reverse, "reverse the order");
  command.add_flag("--long", all_groups, "list the groups of each host");
}

json Hosts::select(json answer, const json& groups, const text::MacVendors& vendors) const {
  const Memberships memberships{groups};
  auto& hosts = answer.at("hosts");
  auto& items = hosts.get_ref<json::array_t&>();
  const auto listens = [&](const json& one) {
    const auto& its = memberships.of(one);
    return std::any_of(its.begin(), its.end(),
                       [&](const json* g) { return g->at("group-address") == group; });
  };
  const auto unwanted = [&](const json& one) {
    return (!host.empty() && one.at("host-address") != host) || (!group.empty() && !listens(one)) ||
           (!vendor.empty() && !contains_ignoring_case(vendor_of(one, vendors), vendor));
  };
  items.erase(std::remove_if(items.begin(), items.end(), unwanted), items.end());
  sort_by(hosts, reverse && sort == "address", [](const json& one) {
    return std::pair{parse_address(one.at("host-address")),
                     one.at("interface-name").get<std::string>()};
  });
  if (sort == "groups") {
    sort_by(hosts, reverse, [&](const json& one) { return memberships.of(one).size(); });
  }
  if (sort == "last" || sort == "uptime") {
    const char* member = sort == "last" ? "last-report" : "up-time";
    sort_by(hosts, reverse, [&](const json& one) { return one.at(member).get<double>(); });
  }
  if (sort == "vendor") {
    sort_by(hosts, reverse, [&](const json& one) {
      const auto known = vendor_of(one, vendors);
      return std::pair{known.empty(), known};
    });
  }
  return answer;
}

std::string Hosts::render(const json& answer, const json& groups,
                          const text::MacVendors& vendors) const {
  const auto& hosts = answer.at("hosts");
  if (hosts.empty()) return "no hosts\n";
  const Memberships memberships{groups};
  std::set<std::string> interfaces;
  for (const auto& one : hosts) interfaces.insert(text(one.at("interface-name")));
  bool marked = false;
  using enum Table::Align;
  Table table{{{"Host"},
               {"MAC address"},
               {"Vendor"},
               {"Ver"},
               {"Groups", kRight},
               {"First seen", kRight},
               {"Last report", kRight},
               {"Interface"}}};
  for (const auto& one : hosts) {
    const auto& its = memberships.of(one);
    const bool mark = one.at("silent").get<bool>();
    marked = marked || mark;
    table.add(
        {text(one.at("host-address")) + (mark ? " ?" : ""), text(one.at("mac-address")),
         text::shortened(vendor_of(one, vendors), kVendorWidth),
         "v" + std::to_string(text::whole_number(one.at("version"))), std::to_string(its.size()),
         clock_time(one.at("up-time")), clock_time(one.at("last-report")),
         interfaces.size() > 1 ? text(one.at("interface-name")) : ""},
        all_groups ? lines_of(its) : std::vector<std::string>{});
  }
  return table.text() +
         (marked
              ? "? has not answered the last two queries and has not left: it is switched off, or\n"
                "  queries or its reports get lost\n"
              : "");
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
  return print(io, [&] {
    const auto vendors = text::load_mac_vendors(mac_addresses(*answer));
    const auto selected = wanted.select(*std::move(answer), *groups, vendors);
    return client.json ? pretty(selected) : wanted.render(selected, *groups, vendors);
  });
}

}  // namespace mcq::cli
