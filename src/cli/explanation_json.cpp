#include "cli/evidence_json.hpp"
#include "cli/explanation.hpp"
#include "text/json.hpp"

namespace mcq::cli {
namespace {

using text::Json;

Json to_json(const Explanation& made) {
  Json json{{"class", made.overall},
            {"frames", made.totals.frames},
            {"igmp", made.totals.igmp},
            {"mld", made.totals.mld},
            {"unreadable", made.totals.unreadable},
            {"begin", text::seconds(made.totals.first)},
            {"duration", text::seconds(made.totals.observed)},
            {"interrupted", made.is_interrupted},
            {"damage", made.damage ? Json(*made.damage) : Json{}},
            {"links", Json::array()},
            {"findings", Json::array()}};
  for (std::size_t i = 0; i < made.links.size(); ++i) {
    const auto& link = made.links[i];
    json["links"].push_back(evidence_json(link));
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

std::string to_json_text(const Explanation& made) {
  return to_json(made).dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mcq::cli
