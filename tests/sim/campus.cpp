#include "sim/campus.hpp"

#include <deque>

namespace mcq::sim {
namespace {

constexpr std::size_t kShare = 100;

/// Counts what a cable carries, second by second.
template <Family F>
class Tap final : public Port<F> {
 public:
  explicit Tap(World& world) : world_(world) {}

  void receive(const Packet<F>& packet) override {
    if (std::holds_alternative<Query<F>>(packet.message)) {
      count(queries_);
      longest_silence_ = std::max(longest_silence_, world_.timeline.now() - last_query_);
      last_query_ = world_.timeline.now();
    } else {
      count(reports_);
    }
  }

  std::size_t queries() const { return std::accumulate(queries_.begin(), queries_.end(), 0UL); }
  std::size_t most_queries() const { return *std::max_element(queries_.begin(), queries_.end()); }
  std::size_t most_reports() const { return *std::max_element(reports_.begin(), reports_.end()); }
  Duration longest_silence() const { return longest_silence_; }

 private:
  void count(std::vector<std::size_t>& per_second) {
    const auto second =
        std::chrono::floor<std::chrono::seconds>(world_.timeline.now()).time_since_epoch().count();
    per_second.resize(std::max(per_second.size(), static_cast<std::size_t>(second) + 1));
    ++per_second.back();
  }

  World& world_;
  std::vector<std::size_t> queries_{0}, reports_{0};
  TimePoint last_query_{};
  Duration longest_silence_{};
};

/// 239.2.x.y or ff15::2:x:y, so that it is another for each number.
template <Family F>
typename F::Address numbered_group(std::size_t number) {
  auto drawn = group<F>(static_cast<std::uint8_t>(number));
  drawn.bytes[drawn.bytes.size() - 2] = static_cast<std::uint8_t>(number >> 8);
  drawn.bytes[drawn.bytes.size() - 3] = static_cast<std::uint8_t>(2 + (number >> 16));
  return drawn;
}

/// A group in common with up to 99 others, and groups of its own.
template <Family F>
void join_all(Link<F>& link, const Campus<F>& campus, std::size_t number) {
  auto& host = link.hosts()[number];
  link.join(host, numbered_group<F>(number / kShare));
  for (std::size_t i = 1; i < campus.groups; ++i) {
    link.join(host, numbered_group<F>(campus.hosts + number * (campus.groups - 1) + i));
  }
}

}  // namespace

template <Family F>
Traffic watch(const Campus<F>& campus) {
  Link<F> link{campus.seed};
  link.check_every(1s);
  core::Settings<F> settings;
  settings.version = campus.version;
  std::deque<Tap<F>> taps;
  for (std::size_t i = 0; i < campus.queriers; ++i) {
    auto& station = link.add(address<F>(static_cast<std::uint8_t>(i + 1)), settings);
    station.go_without_referee();
    station.segment().plug(taps.emplace_back(link.world()));
  }
  for (std::size_t i = 0; i < campus.hosts; ++i) {
    link.add_host(campus.version);
    link.world().timeline.after(60s * i / campus.hosts, [&, i] { join_all(link, campus, i); });
  }
  link.run_until(campus.length / 2);
  link.stations().front().crash();
  link.run_until(campus.length);

  const auto& last = taps.back();
  Traffic traffic{.queries = last.queries(),
                  .most_queries = last.most_queries(),
                  .known = link.stations()[campus.queriers > 1 ? 1 : 0].groups(),
                  .longest_silence = last.longest_silence(),
                  .longest_outage = link.longest_outage(),
                  .violations = link.violations()};
  for (const auto& host : link.hosts()) {
    traffic.reports += static_cast<std::size_t>(host.reports_sent());
  }
  for (const auto& tap : taps) {
    traffic.most_reports = std::max(traffic.most_reports, tap.most_reports());
  }
  return traffic;
}

template Traffic watch<Igmp>(const Campus<Igmp>&);
template Traffic watch<Mld>(const Campus<Mld>&);

}  // namespace mcq::sim
