#include "cli/snapshot.hpp"

#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/client.hpp"
#include "text/json.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

/// The parameters of groups on an interface and family.
struct LinkSettings {
  double lifetime = 0;  ///< seconds that a group lasts after a report
  bool tracks_hosts = false;
};
using LinkSettingsMap = std::map<std::pair<std::string, std::string>, LinkSettings>;

LinkSettings read_settings(const json& one) {
  return {one.at("membership-interval"), one.at("settings").at("explicit-tracking")};
}

WatchedInterface read_interface(const json& one) {
  WatchedInterface shown;
  shown.name = text(one.at("interface-name"));
  shown.protocol = text(one.at("protocol")) + "v" +
                   std::to_string(text::whole_number(one.at("settings").at("version")));
  shown.role = text(one.at("role"));
  shown.querier = text(one.at("querier"));
  shown.next_query = clock_time(one.at("next-query"));
  shown.hosts = text::whole_number(one.at("hosts-count"));
  shown.groups = text::whole_number(one.at("groups-count"));
  shown.healthy = one.at("healthy");
  return shown;
}

WatchedGroup read_group(const json& one, const LinkSettingsMap& settings) {
  WatchedGroup shown;
  shown.interface = text(one.at("interface-name"));
  shown.address = parse_address(one.at("group-address")).value();
  shown.expire = one.at("expire");
  const auto known = settings.find({shown.interface, one.at("family")});
  if (known != settings.end()) {  // else the interface appeared between the two responses
    shown.lifetime = known->second.lifetime;
    if (known->second.tracks_hosts) shown.hosts = one.at("host").size();
  }
  shown.version = text::whole_number(one.at("version"));
  shown.last_reporter = text(one.at("last-reporter"));
  return shown;
}

WatchedHost read_host(const json& one) {
  WatchedHost shown;
  shown.address = parse_address(one.at("host-address")).value();
  shown.interface = text(one.at("interface-name"));
  shown.mac_address = text(one.at("mac-address"));
  shown.version = text::whole_number(one.at("version"));
  shown.up_time = one.at("up-time");
  shown.last_report = one.at("last-report");
  shown.silent = one.at("silent");
  return shown;
}

Snapshot read(const json& status, const json& groups) {
  Snapshot all;
  all.version = text(status.at("version"));
  all.verdict = text(status.at("verdict"));
  all.pid = text::whole_number(status.at("pid"));
  all.up_time = status.at("up-time");
  all.healthy = status.at("healthy");
  LinkSettingsMap settings;
  for (const auto& one : status.at("interfaces")) {
    all.interfaces.push_back(read_interface(one));
    all.reports += text::whole_number(one.at("statistics").at("received").at("report"));
    all.groups_in_all += all.interfaces.back().groups;
    all.hosts_in_all += all.interfaces.back().hosts;
    all.further_findings += one.at("findings").size();
    settings[{text(one.at("interface-name")), one.at("family")}] = read_settings(one);
  }
  if (!all.healthy && all.further_findings > 0) --all.further_findings;
  for (const auto& one : groups.at("groups")) all.groups.push_back(read_group(one, settings));
  return all;
}

}  // namespace

Result<Snapshot> read_snapshot(const json& status, const json& groups) {
  try {
    return read(status, groups);
  } catch (const std::exception& error) {  // a missing member, or an invalid address
    return fail(unexpected_answer(error));
  }
}

Result<std::vector<WatchedHost>> read_hosts(const json& hosts) {
  try {
    std::vector<WatchedHost> all;
    for (const auto& one : hosts.at("hosts")) all.push_back(read_host(one));
    return all;
  } catch (const std::exception& error) {
    return fail(unexpected_answer(error));
  }
}

void ReportRates::add(const Snapshot& snapshot, double moment) {
  const auto last = std::exchange(last_, Count{snapshot.pid, snapshot.reports, moment});
  if (!last || last->pid != snapshot.pid || snapshot.reports < last->reports) return;
  if (moment <= last->moment) return;
  values_.push_back(static_cast<double>(snapshot.reports - last->reports) /
                    (moment - last->moment));
  if (values_.size() > kMax) values_.pop_front();
}

}  // namespace mcq::cli
