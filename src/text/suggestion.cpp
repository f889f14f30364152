#include "text/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace mcq::text {
namespace {

constexpr std::size_t kLongWord = 5, kLeastPrefix = 2;

/// Number of typing errors between two words (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string suggestion(std::string_view given, const std::vector<std::string>& words) {
  const std::string* best = nullptr;
  std::size_t least = given.size() >= kLongWord ? 3 : 2;
  for (const auto& word : words) {
    const bool begins = given.size() >= kLeastPrefix && word.starts_with(given);
    const auto errors = begins ? 1 : distance(given, word);
    if (errors >= least) continue;
    least = errors;
    best = &word;
  }
  return best == nullptr ? "" : *best;
}

}  // namespace mcq::text
