#include "soak/duration_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <system_error>

namespace mcq::soak {
namespace {

constexpr double kLongest = 1e9;  ///< seconds; a Duration holds nine times that

std::optional<double> unit(std::string_view text) {
  if (text.empty() || text == "s") return 1;
  if (text == "m") return 60;
  if (text == "h") return 3600;
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const auto factor = unit({rest, static_cast<std::size_t>(end - rest)});
  if (!factor || !(value >= 0 && value * *factor <= kLongest)) return std::nullopt;
  return std::chrono::round<Duration>(std::chrono::duration<double>{value * *factor});
}

std::string clock(Duration time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
  const auto minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

std::string in_seconds(Duration time) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

}  // namespace mcq::soak
