#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace mcq::http {

/// The parameters of a request, decoded, by name.
using QueryParameters = std::map<std::string, std::string>;

/// The query of a target: "a=1" for "/v1/groups?a=1"; empty without one.
inline std::string query_of(const std::string& target) {
  const auto mark = target.find('?');
  return mark == std::string::npos ? "" : target.substr(mark + 1);
}

/// Parses the query of a target: "interface=eth0&limit=10". Fails on a name that is not in `known`
/// or is given twice, and on a malformed percent encoding.
Result<QueryParameters> parse_query_parameters(std::string_view query,
                                               const std::vector<std::string>& known);

}  // namespace mcq::http
