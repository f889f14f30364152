#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcq::diagnose {

enum class Severity : std::uint8_t {
  kProblem,  ///< streams die, or will
  kRisk,     ///< works today, and fails after a change
  kNote,
};

/// Something that a person should know about a LAN.
struct Finding {
  std::string_view id;  ///< stable: lower-case words joined by hyphens
  Severity severity{};
  std::string subject;       ///< an address, or the protocol
  std::string what;          ///< one sentence with its numbers
  std::string fix;           ///< what to do
  std::string interface {};  ///< of this host; empty in a capture, and for the host as a whole
};

/// "problem", "risk" or "note".
constexpr std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kProblem:
      return "problem";
    case Severity::kRisk:
      return "risk";
    case Severity::kNote:
      break;
  }
  return "note";
}

}  // namespace mcq::diagnose
