#include "cli/diagnosis.hpp"
#include "cli/evidence_json.hpp"
#include "text/json.hpp"

namespace mcq::cli {
namespace {

using diagnose::InterfaceEvidence;
using diagnose::Survey;
using text::Json;

Json text_or_null(const std::string& value) { return value.empty() ? Json{} : Json(value); }

Json to_json(const InterfaceEvidence& interface) {
  const auto& link = interface.link;
  Json json{{"name", link.name},
            {"mac-address", to_string(link.mac)},
            {"kind", text_or_null(interface.kind)},
            {"up", link.up},
            {"ethernet", link.ethernet},
            {"wireless", interface.is_wireless},
            {"master", text_or_null(interface.master)},
            {"addresses", Json::array()},
            {"joined", Json::array()},
            {"rp-filter", interface.rp_filter},
            {"force-igmp-version", interface.force_igmp_version},
            {"force-mld-version", interface.force_mld_version},
            {"ipv6", !interface.ipv6_off},
            {"bridge", {}}};
  for (const auto& address : link.addresses) {
    json["addresses"].push_back(to_string(address.local) + "/" +
                                std::to_string(int{address.subnet.length}));
  }
  for (const auto& address : link.addresses6) {
    json["addresses"].push_back(to_string(address.local) + "/" +
                                std::to_string(int{address.subnet.length}));
  }
  for (const auto& group : interface.joined) json["joined"].push_back(to_string(group));
  if (const auto& bridge = interface.bridge) {
    json["bridge"] = {{"snooping", bridge->snoops},
                      {"querier", bridge->has_querier},
                      {"query-use-ifaddr", bridge->uses_own_address},
                      {"ports", interface.ports}};
  }
  return json;
}

Json to_json(const diagnose::LanEvidence& lan) {
  Json json{{"interface", lan.interface},
            {"links", Json::array({evidence_json(lan.igmp), evidence_json(lan.mld)})},
            {"answers", lan.answers ? Json(*lan.answers) : Json{}}};
  for (const auto& link : lan.tagged) json["links"].push_back(evidence_json(link));
  return json;
}

Json to_json(const diagnose::DaemonEvidence& daemon) {
  Json json{{"installed", daemon.is_installed},
            {"running", daemon.is_running},
            {"error", text_or_null(daemon.error)},
            {"links", Json::array()}};
  for (const auto& link : daemon.links) {
    json["links"].push_back({{"interface", link.interface},
                             {"family", link.family},
                             {"role", link.role},
                             {"query-interval", text::seconds(link.query_interval)}});
  }
  return json;
}

}  // namespace

std::string to_json_text(const doctor::Checkup& checkup) {
  const Survey& survey = checkup.survey;
  Json json{{"class", checkup.overall},
            {"next-step", checkup.next_step},
            {"listened", text::seconds(survey.listened)},
            {"interrupted", checkup.is_interrupted},
            {"group", survey.group ? Json(to_string(*survey.group)) : Json{}},
            {"findings", Json::array()},
            {"not-seen", checkup.unseen},
            {"default-route", text_or_null(survey.default_route)},
            {"multicast-route", text_or_null(survey.multicast_route)},
            {"igmp-max-memberships", survey.limits.max_memberships},
            {"rmem-default", survey.limits.receive_buffer},
            {"daemon", to_json(survey.daemon)},
            {"interfaces", Json::array()},
            {"lans", Json::array()}};
  for (const auto& finding : checkup.findings) {
    json["findings"].push_back({{"id", finding.id},
                                {"severity", to_string(finding.severity)},
                                {"interface", text_or_null(finding.interface)},
                                {"subject", finding.subject},
                                {"what", finding.what},
                                {"fix", finding.fix}});
  }
  for (const auto& interface : survey.interfaces) json["interfaces"].push_back(to_json(interface));
  for (const auto& lan : survey.lans) json["lans"].push_back(to_json(lan));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mcq::cli
