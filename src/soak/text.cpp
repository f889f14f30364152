#include "soak/text.hpp"

#include <spdlog/fmt/fmt.h>

#include "soak/duration_text.hpp"

namespace mcq::soak {

std::string longest_gap(const Reception& result) {
  return fmt::format("{:.3f} s, at {}", std::chrono::duration<double>(result.longest_gap).count(),
                     clock(result.gap_begin - result.first));
}

std::string loss(const Reception& result) {
  return fmt::format("{} of {} ({:.2g} %)", result.lost, result.lost + result.received,
                     100 * result.lost_share());
}

std::string to_text(const Reception& result, const Verdict& verdict) {
  std::string out;
  for (const auto& sentence : verdict.sentences) out += sentence + "\n";
  for (const auto& advice : verdict.advice) out += "-> " + advice + "\n";
  if (!result.sender) return out;
  out += fmt::format(
      "\n"
      "sender       {}, {} packets/s\n"
      "received     {}\n"
      "lost         {}\n"
      "longest gap  {}\n"
      "reordered    {}\n"
      "duplicates   {}\n",
      to_string(*result.sender), result.plan.rate, result.received, loss(result),
      longest_gap(result), result.reordered, result.duplicates);
  return out;
}

}  // namespace mcq::soak
