#include "exporter/group_search.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "client/json_fields.hpp"
#include "http/query_parameters.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::exporter {
namespace {

using client::member;
using nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// All that a search may find, in lower case.
std::string searched(const json& group) {
  std::string all;
  const auto add = [&](const json* value) {
    if (const auto* text = client::text(value)) all += *text + ' ';
  };
  for (const auto* name : {"group-address", "filter-mode", "last-reporter"}) {
    add(member(&group, name));
  }
  if (const auto* address = client::text(member(&group, "group-address"))) {
    all += text::well_known_group(*address);
  }
  if (const auto* hosts = member(&group, "host"); hosts != nullptr && hosts->is_array()) {
    for (const auto& host : *hosts) all += ' ', add(member(&host, "host-address"));
  }
  return lower(std::move(all));
}

bool is_of(const json& group, const char* name, const std::string& wanted) {
  const auto* text = client::text(member(&group, name));
  return wanted.empty() || (text != nullptr && *text == wanted);
}

}  // namespace

Result<GroupSearch> parse_group_search(const std::string& query) {
  const auto given = http::parse_query_parameters(query, {"interface", "family", "match"});
  if (!given) return fail(printable(given.error().message));
  const auto value = [&](const char* name) {
    const auto found = given->find(name);
    return found == given->end() ? std::string{} : found->second;
  };
  GroupSearch search{.interface = value("interface"), .family = value("family")};
  if (!search.family.empty() && search.family != "ipv4" && search.family != "ipv6") {
    return fail("family is '" + printable(search.family) + "', but it must be ipv4 or ipv6");
  }
  const auto match = value("match");
  if (match.size() > GroupSearch::kMaxText) {
    return fail("match has " + std::to_string(match.size()) + " bytes, but may have at most " +
                std::to_string(GroupSearch::kMaxText));
  }
  std::istringstream words{lower(match)};
  for (std::string word; words >> word;) search.words.push_back(word);
  if (search.words.empty()) return fail("match is missing: the words to search for");
  if (search.words.size() > GroupSearch::kMaxWords) {
    return fail("match has " + std::to_string(search.words.size()) +
                " words, but may have at most " + std::to_string(GroupSearch::kMaxWords));
  }
  return search;
}

bool matches(const json& group, const GroupSearch& search) {
  if (!group.is_object() || !is_of(group, "interface-name", search.interface) ||
      !is_of(group, "family", search.family)) {
    return false;
  }
  const auto text = searched(group);
  return std::all_of(search.words.begin(), search.words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

}  // namespace mcq::exporter
