#include "diagnose/verdict.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "text/printable.hpp"

namespace mcq::diagnose {
namespace {

constexpr std::size_t kNamed = 3;  ///< hosts that a verdict names

std::string role(const ServiceEvidence& s) {
  if (is_overdue(s)) {
    return fmt::format("{} is the querier but has not queried for {}; we take over in {}",
                       s.querier, in_seconds(s.silence), in_seconds(s.takeover));
  }
  if (s.role == core::Role::kNonQuerier) return s.querier + " is the querier, we stand by";
  return s.proxy ? "we are the querier, as a proxy" : "we are the querier";
}

std::string members(const ServiceEvidence& s) {
  if (s.groups == 0) {
    return s.silent == 0 ? "no group has a member yet" : "no group has a member any more";
  }
  if (!s.tracks_hosts || s.hosts == 0) {
    return text::counted(s.groups, "group") + (s.groups == 1 ? " is alive" : " are alive");
  }
  return text::counted(s.hosts, "host") + (s.hosts == 1 ? " keeps " : " keep ") +
         text::counted(s.groups, "group") + " alive";
}

std::string silent_hosts(const ServiceEvidence& s) {
  if (s.silent == 0) return "";
  return fmt::format("; {} silent ({})",
                     text::counted(s.silent, "host") + (s.silent == 1 ? " is" : " are"),
                     text::some_of(s.silent_hosts, s.silent, kNamed));
}

/// One host that has fallen silent may have been switched off, and nobody else can tell.
const char* closing(const ServiceEvidence& s, const std::vector<Finding>& findings) {
  const bool is_known = std::none_of(findings.begin(), findings.end(),
                                     [](const auto& f) { return f.id == "nobody-answers"; });
  if (!is_known) return "nobody answers";
  return is_overdue(s) ? "all is well so far" : "all is well";
}

}  // namespace

Verdict verdict(const ServiceEvidence& service, const std::vector<Finding>& findings) {
  if (!findings.empty() && findings.front().severity == Severity::kProblem) {
    const auto& worst = findings.front();
    const auto who = worst.subject == service.protocol ? "" : worst.subject + " ";
    return {false, fmt::format("{}: {}{}: {}", service.name, who, worst.what, worst.fix)};
  }
  return {true, fmt::format("{}: {}; {}{}; {}", service.name, role(service), members(service),
                            silent_hosts(service), closing(service, findings))};
}

}  // namespace mcq::diagnose
