#include "app/table_report.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace mcq::app {
namespace {

/// "12.3s"
std::string in_seconds(Duration time) {
  std::array<char, 32> text{};
  const double seconds = std::chrono::duration<double>(std::max(time, Duration{})).count();
  std::snprintf(text.data(), text.size(), "%.1fs", seconds);
  return text.data();
}

/// "{a, b, c}", or "{a, b, 998 more}"
template <class Items, class Describe>
std::string list(const Items& items, Describe item) {
  std::string text = "{";
  const auto shown = std::min(items.size(), kMostReportedMembers);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + item(items[i]);
  if (shown < items.size()) text += ", " + std::to_string(items.size() - shown) + " more";
  return text + "}";
}

}  // namespace

template <Family F>
std::string describe(const core::Group<F>& group, TimePoint now) {
  const bool excludes = group.mode == core::FilterMode::kExclude;
  const auto version = [](auto v) { return std::to_string(static_cast<int>(v)); };
  const auto source = [&](const core::Source<F>& s) {
    return to_string(s.address) + " " +
           (s.is_requested() ? in_seconds(s.expires - now) : std::string{"excluded"});
  };
  const auto host = [&](const core::Host<F>& h) {
    return to_string(h.address) + " v" + version(h.version) + " " + in_seconds(now - h.last_report);
  };
  return std::string{F::kName} + " " + to_string(group.address) +
         (excludes ? " exclude " : " include ") + list(group.sources, source) + " version " +
         version(group.compatibility(now)) + " since " + in_seconds(now - group.since) +
         (excludes ? " expires " + in_seconds(group.expires - now) : "") + " last-reporter " +
         to_string(group.last_reporter) + " hosts " + list(group.hosts, host);
}

template <Family F>
void report_table(std::string_view interface, const core::Querier<F>& querier,
                  const core::Settings<F>& settings, TimePoint now, const WriteLine& write) {
  const auto& table = querier.groups();
  const auto prefix = std::string{interface} + ": ";
  const auto asks = querier.querier();
  const bool has_querier = querier.role() != core::Role::kWaiting;
  write(prefix + F::kName + ": querier " + (has_querier ? to_string(asks) : "none") + ", " +
        std::to_string(table.size()) + " of at most " + std::to_string(settings.max_groups.get()) +
        " groups, " + std::to_string(table.sources()) + " sources, " +
        std::to_string(table.hosts()) + " hosts");
  std::vector<const core::Group<F>*> groups;
  groups.reserve(table.size());
  table.for_each([&](const core::Group<F>& group) { groups.push_back(&group); });
  const auto shown = std::min(groups.size(), kMostReportedGroups);
  std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(shown),
                    groups.end(),
                    [](const auto* a, const auto* b) { return a->address < b->address; });
  for (std::size_t i = 0; i < shown; ++i) write(prefix + describe(*groups[i], now));
  if (shown < groups.size()) {
    write(prefix + F::kName + ": and " + std::to_string(groups.size() - shown) + " more");
  }
}

template std::string describe(const core::Group<Igmp>&, TimePoint);
template std::string describe(const core::Group<Mld>&, TimePoint);
template void report_table(std::string_view, const core::Querier<Igmp>&,
                           const core::Settings<Igmp>&, TimePoint, const WriteLine&);
template void report_table(std::string_view, const core::Querier<Mld>&, const core::Settings<Mld>&,
                           TimePoint, const WriteLine&);

}  // namespace mcq::app
