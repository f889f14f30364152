#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace mcq::exporter {

/// What is searched for among the groups.
struct GroupSearch {
  static constexpr std::size_t kMaxText = 200;  ///< bytes of all words
  static constexpr std::size_t kMaxWords = 8;

  std::string interface {};  ///< any when empty
  std::string family{};      ///< "ipv4" or "ipv6"; either when empty
  std::vector<std::string> words{};
  bool operator==(const GroupSearch&) const = default;
};

/// Parses the query of a request: "match=ssdp 10.0.0.7&interface=eth0&family=ipv4".
Result<GroupSearch> parse_group_search(const std::string& query);

/// Whether the group's address, name, mode, last reporter and members contain all words, in any
/// case. `group`: a Group of docs/openapi.yaml; any other value matches nothing.
bool matches(const nlohmann::json& group, const GroupSearch& search);

}  // namespace mcq::exporter
