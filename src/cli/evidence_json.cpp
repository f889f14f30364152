#include "cli/evidence_json.hpp"

namespace mcq::cli {
namespace {

using diagnose::LinkEvidence;
using diagnose::Sighting;
using text::Json;

Json to_json(const Sighting& seen) {
  return {{"time", text::seconds(seen.time)}, {"frame", seen.frame}};
}

Json text_or_null(const std::string& value) { return value.empty() ? Json{} : Json(value); }

void add_streams(Json& json, const LinkEvidence& link) {
  auto& streams = json["streams"] = Json::array();
  for (const auto& s : link.streams) {
    streams.push_back({{"group", s.group},
                       {"source", s.source},
                       {"mac-address", text_or_null(s.mac)},
                       {"port", s.port},
                       {"ttl", s.ttl},
                       {"packets", s.packets},
                       {"bytes", s.bytes},
                       {"packet-rate", s.packet_rate},
                       {"bit-rate", s.bit_rate},
                       {"first", to_json(s.first)},
                       {"last", to_json(s.last)}});
  }
  auto& cuts = json["cuts"] = Json::array();
  for (const auto& c : link.cuts) {
    cuts.push_back({{"group", c.group},
                    {"source", c.source},
                    {"last-report", to_json(c.last_report)},
                    {"last-packet", to_json(c.last_packet)}});
  }
}

}  // namespace

Json evidence_json(const LinkEvidence& link) {
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
  add_streams(json, link);
  auto& malformed = json["malformed"] = Json::array();
  for (const auto& m : link.malformed) {
    malformed.push_back({{"reason", m.reason}, {"count", m.count}, {"first-frame", m.first_frame}});
  }
  return json;
}

}  // namespace mcq::cli
