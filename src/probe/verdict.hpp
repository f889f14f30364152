#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probe/cases.hpp"
#include "probe/witness.hpp"

namespace mcq::probe {

/// What came of a case.
enum class Reaction : std::uint8_t {
  kNotAsked,  ///< no group to ask about is known, or the probe was interrupted
  kAnswered,
  kSilent,
  kUnclear,  ///< silent, and another host's report can be the reason
};
std::string_view to_string(Reaction reaction);

struct Outcome {
  Case asked;
  Reaction reaction = Reaction::kNotAsked;
  std::optional<Ipv4Address> group{};       ///< that was asked about
  std::optional<Answer> answer{};           ///< with kAnswered
  std::optional<Ipv4Address> quieted_by{};  ///< with kUnclear
};

/// What is special about the IGMP of a host.
struct Trait {
  std::string_view id;      ///< stable: lower-case words joined by hyphens
  bool is_problem = false;  ///< else a note
  std::string what;         ///< one sentence
  std::string fix;          ///< the setting that helps
};

/// What the outcomes tell, problems first. Empty: the host answers every query that was asked.
std::vector<Trait> judge(std::span<const Outcome> outcomes);

}  // namespace mcq::probe
