#include "api/bridge_json.hpp"

#include <utility>
#include <variant>

namespace mcq::api {
namespace {

text::Json seconds_or_null(const std::optional<Duration>& time) {
  return time ? text::Json(text::seconds(*time)) : text::Json{};
}

const char* to_string(os::Bridge::Router router) {
  switch (router) {
    case os::Bridge::Router::kNever:
      return "never";
    case os::Bridge::Router::kAlways:
      return "always";
    case os::Bridge::Router::kAfterQuery:
      break;
  }
  return "after-query";
}

text::Json to_json(const os::BridgeQuerier& querier, const NameOf& name_of) {
  return {{"address", mcq::to_string(querier.address)},
          {"port-name", querier.port == 0 ? text::Json{} : text::Json(name_of(querier.port))},
          {"expire", seconds_or_null(querier.expires)}};
}

const char* family_of(const IpAddress& group) {
  return std::holds_alternative<Ipv4Address>(group) ? Igmp::kFamilyName : Mld::kFamilyName;
}

}  // namespace

template <Family F>
text::Json bridge_status(const os::Bridge& bridge, const NameOf& name_of) {
  const auto& querier = bridge.querier_of<F>();
  const auto filters = bridge.filters<F>();
  return {{"snooping", bridge.snoops},
          {"filtering", filters ? text::Json(*filters) : text::Json{}},
          {"own-querier", bridge.has_querier},
          {"querier", querier ? to_json(*querier, name_of) : text::Json{}},
          {"host-is-router", to_string(bridge.router)},
          {"membership-interval", text::seconds(bridge.membership_interval)},
          {"querier-interval", text::seconds(bridge.querier_interval)}};
}
template text::Json bridge_status<Igmp>(const os::Bridge&, const NameOf&);
template text::Json bridge_status<Mld>(const os::Bridge&, const NameOf&);

BridgeTableStream::BridgeTableStream(const instance::InstanceTable& instances,
                                     EntrySelection selection, NameOf name_of)
    : selection_(std::move(selection)), name_of_(std::move(name_of)) {
  for_each_instance(instances, [&](const auto& instance) {
    const auto& interface = instance.interface();
    const bool is_bridge = interface && interface->is_bridge && interface->vlan == 0;
    if (!is_bridge || !selection_.general.includes(instance)) return;
    bridges_[interface->index] = instance.interface_name();
  });
  if (!bridges_.empty()) tables_ = std::make_shared<os::BridgeTables>();
}

std::string BridgeTableStream::operator()() {
  if (has_ended_) return "";
  std::string piece;
  if (!std::exchange(has_begun_, true)) piece = "{\"entries\":[";
  bool is_complete = true;
  if (tables_) {
    std::vector<os::BridgeEntry> entries;
    const auto more = tables_->read_some(entries);
    for (const auto& entry : entries) append(entry, piece);
    is_complete = more.has_value();
    if (!more || !*more || listed_ >= selection_.general.limit) tables_.reset();
  }
  if (tables_) return piece.empty() ? "\n" : piece;  // nothing would mean the end
  has_ended_ = true;
  return piece + "],\"complete\":" + (is_complete ? "true" : "false") + "}\n";
}

bool BridgeTableStream::is_wanted(const std::string& interface, const char* family) const {
  const auto& wanted = selection_.general;
  return (!wanted.interface || *wanted.interface == interface) &&
         (!wanted.family || *wanted.family == family);
}

void BridgeTableStream::append(const os::BridgeEntry& entry, std::string& piece) {
  const auto bridge = bridges_.find(entry.bridge);
  const auto* type = entry.group ? "group" : "router";
  const auto& [general, group, wanted_type] = selection_;
  const bool is_other = (group && entry.group != group) || (wanted_type && *wanted_type != type);
  if (bridge == bridges_.end() || is_other) return;
  text::Json json{{"interface-name", bridge->second},
                  {"family", {}},
                  {"port-name", name_of_(entry.port)},
                  {"type", type},
                  {"group-address", {}},
                  {"source-address", {}},
                  {"blocked", entry.is_blocked},
                  {"vlan", entry.vlan == 0 ? text::Json{} : text::Json(entry.vlan)},
                  {"expire", seconds_or_null(entry.expires)}};
  if (entry.source) json["source-address"] = mcq::to_string(*entry.source);
  const auto list = [&](const char* family) {
    if (!is_wanted(bridge->second, family)) return;
    json["family"] = family;
    append(json, piece);
  };
  if (entry.group) {
    json["group-address"] = mcq::to_string(*entry.group);
    return list(family_of(*entry.group));
  }
  if (entry.routes4) list(Igmp::kFamilyName);
  if (entry.routes6) list(Mld::kFamilyName);
}

void BridgeTableStream::append(const text::Json& entry, std::string& piece) {
  if (listed_ >= selection_.general.limit) return;
  piece += (listed_++ == 0 ? "\n" : ",\n") + text::dump(entry);
}

}  // namespace mcq::api
