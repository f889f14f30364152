#include "http/query_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace mcq::http {
namespace {

/// Decodes percent encoding, "%2e" to "."; none where two hexadecimal digits are missing.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned code = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, 16);
    if (error != std::errc{} || end != digits.begin() + 2) return std::nullopt;
    decoded += static_cast<char>(code);
    i += 2;
  }
  return decoded;
}

}  // namespace

Result<QueryParameters> parse_query_parameters(std::string_view query,
                                               const std::vector<std::string>& known) {
  QueryParameters parameters;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = decode(pair.substr(0, equals));
    const auto value = decode(pair.substr(std::min(pair.size(), equals + 1)));
    if (!name || !value) {
      return fail("'" + std::string{pair} + "' has a '%' without two hexadecimal digits");
    }
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      std::string names;
      for (const auto& n : known) names += (names.empty() ? "" : ", ") + n;
      return fail("there is no parameter '" + *name +
                  "' here; there are: " + (names.empty() ? "none" : names));
    }
    if (!parameters.emplace(*name, *value).second) return fail("'" + *name + "' is given twice");
  }
  return parameters;
}

}  // namespace mcq::http
