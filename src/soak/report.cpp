#include "soak/report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "soak/duration_text.hpp"
#include "soak/plot.hpp"
#include "soak/text.hpp"
#include "text/printable.hpp"

namespace mcq::soak {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1d2327; --paper: #fff; --faint: #6b757c; --line: #d5dade;
  --stream: #2a7f62; --gap: #c8402f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e7ea; --paper: #14181b; --faint: #98a3aa; --line: #333b41; --stream: #4fb891;
    --gap: #ef7c6b; }
}
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; }
.bad { color: var(--gap); }
.faint, text { color: var(--faint); fill: var(--faint); font-size: 0.8rem; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: 0.2rem 1.5rem 0.2rem 0; border-bottom: 1px solid var(--line); text-align: left;
  font-weight: normal; }
.stream { fill: var(--stream); }
.gap { fill: var(--gap); opacity: 0.15; }
.axis { stroke: var(--line); }
)";

constexpr double kWidth = 800, kHeight = 160, kLeft = 40, kTop = 10, kLabels = 24;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text::printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string list(const std::vector<std::string>& sentences) {
  std::string out;
  for (const auto& sentence : sentences) out += fmt::format("<li>{}</li>\n", escaped(sentence));
  return out.empty() ? out : "<ul>\n" + out + "</ul>\n";
}

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped(name), escaped(value));
}

/// The plot: packets per second, with each outage shaded.
class Plot {
 public:
  explicit Plot(const Reception& result)
      : result_(result), seconds_(static_cast<double>(result.seconds.size())) {}

  std::string svg() const {
    std::string out = fmt::format(
        "<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"packets received per second\">\n",
        kLeft + kWidth + kLeft, kTop + kHeight + kLabels);
    for (const auto& outage : result_.outages) out += shade(outage);
    out += fmt::format("<path class=\"stream\" d=\"{}\"/>\n", area());
    out += fmt::format("<path class=\"axis\" d=\"M{0:g} {1:g}h{2:g}\"/>\n", kLeft, kTop + kHeight,
                       kWidth);
    out += label(0, "0:00") + label(seconds_ / 2, at(seconds_ / 2)) + label(seconds_, at(seconds_));
    out += fmt::format("<text x=\"{:g}\" y=\"{:g}\" text-anchor=\"end\">{}/s</text>\n", kLeft - 4,
                       kTop + 10, result_.plan.rate);
    return out + "</svg>\n";
  }

 private:
  static std::string at(double seconds) {
    return clock(std::chrono::round<Duration>(std::chrono::duration<double>{seconds}));
  }
  double x(double second) const { return kLeft + kWidth * std::clamp(second / seconds_, 0.0, 1.0); }
  double x(TimePoint time) const {
    return x(std::chrono::duration<double>(time - result_.first).count());
  }
  std::string label(double second, const std::string& text) const {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:g}\" text-anchor=\"middle\">{}</text>\n",
                       x(second), kTop + kHeight + 16, text);
  }
  std::string shade(const Outage& outage) const {
    const auto begin = x(outage.begin), end = x(outage.is_over() ? outage.end : result_.ended);
    return fmt::format(
        "<rect class=\"gap\" x=\"{:.1f}\" y=\"{:g}\" width=\"{:.1f}\" height=\"{:g}\"/>\n", begin,
        kTop, end - begin, kHeight);
  }
  std::string area() const {
    const auto values = worst_seconds(result_.seconds, result_.plan.rate, std::size_t{800});
    const auto step = kWidth / static_cast<double>(values.size());
    std::string path = fmt::format("M{:g} {:g}", kLeft, kTop + kHeight);
    double now = kLeft;
    for (const auto value : values) {
      path += fmt::format("V{:.1f}H{:.1f}", kTop + kHeight * (1 - value), now + step);
      now += step;
    }
    return path + fmt::format("V{:g}Z", kTop + kHeight);
  }

  const Reception& result_;
  double seconds_;
};

std::string numbers(const Place& place, const Reception& result, const Verdict& verdict) {
  auto rows = row("group", fmt::format("{}, UDP port {}", to_string(place.group), place.port)) +
              row("received on", place.interface);
  if (!result.sender) return rows;
  rows += row("sender", fmt::format("{}, {} packets/s for {}", to_string(*result.sender),
                                    result.plan.rate, clock(result.plan.duration))) +
          row("received", std::to_string(result.received)) + row("lost", loss(result)) +
          row("longest gap", longest_gap(result)) +
          row("reordered", std::to_string(result.reordered)) +
          row("duplicates", std::to_string(result.duplicates));
  if (result.sees_reports) {
    rows += row("queries", result.querier ? fmt::format("{}, the last of {}", result.queries,
                                                        to_string(*result.querier))
                                          : "none") +
            row("reports of this host", std::to_string(result.reports));
  }
  if (verdict.memory) rows += row("memory of the switch", to_text(*verdict.memory));
  return rows;
}

}  // namespace

std::string report(const Place& place, const Reception& result, const Verdict& verdict,
                   const std::string& time) {
  const bool is_good = verdict.outcome == Outcome::kWhole;
  const auto title = verdict.sentences.empty() ? "" : verdict.sentences.front();
  const std::vector<std::string> further{verdict.sentences.begin() + 1, verdict.sentences.end()};
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
      "<title>igmp-querier soak: {0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
      "<h1 class=\"{2}\">{0}</h1>\n",
      escaped(title), kStyle, is_good ? "good" : "bad");
  page += list(further);
  if (!result.seconds.empty()) page += Plot{result}.svg();
  if (!verdict.advice.empty()) page += "<h2>What to do</h2>\n" + list(verdict.advice);
  page += "<table>\n" + numbers(place, result, verdict) + "</table>\n";
  page += fmt::format("<p class=\"faint\">igmp-querier {} soak, {}</p>\n</body>\n</html>\n",
                      IGMP_QUERIER_VERSION, escaped(time));
  return page;
}

}  // namespace mcq::soak
