#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "soak/packet.hpp"
#include "soak/sequence_window.hpp"

namespace mcq::soak {

/// A pause of the stream that is longer than kSilence.
struct Outage {
  TimePoint begin{};                  ///< the last packet before it
  TimePoint end = kNever;             ///< the first packet after it; kNever: none came
  TimePoint report{};                 ///< last report of this host before `begin`; its join if none
  std::optional<TimePoint> query{};   ///< last query during it
  std::optional<TimePoint> answer{};  ///< first report of this host during it
  bool operator==(const Outage&) const = default;
  bool is_over() const { return end != kNever; }
};

/// All that a receiver knows. Times are those of the receiver.
struct Reception {
  Plan plan;                                     ///< as the sender announced it
  std::optional<IpAddress> sender;               ///< none: nothing came
  TimePoint joined{}, first{}, last{}, ended{};  ///< `first`, `last`: packets
  std::uint64_t received = 0, lost = 0, duplicates = 0, reordered = 0;
  Duration longest_gap{};
  TimePoint gap_begin{};
  std::vector<std::uint32_t> seconds;  ///< packets in each whole second since `first`
  std::vector<Outage> outages;
  bool sees_reports = false;  ///< reports and queries were observed
  std::uint64_t reports = 0, queries = 0;
  std::optional<IpAddress> querier;         ///< of the last query
  std::vector<IpAddress> other_senders;     ///< of further runs on the same group
  std::uint64_t dropped = 0;                ///< by this host, before they were read
  std::uint64_t foreign = 0;                ///< packets that are not of a test stream
  std::optional<IpAddress> foreign_sender;  ///< of the first of them
  std::optional<TimePoint> rejoined;        ///< the group was joined again, as the stream was dead
  std::optional<Duration> back_after_rejoin;  ///< time until it came back then
  bool is_ended_by_sender = false;            ///< the sender said that it ends
  int interrupted_by = 0;                     ///< a signal

  bool has_died() const { return !outages.empty() && !outages.back().is_over(); }
  double lost_share() const {
    return lost == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(lost + received);
  }
};

/// Measures the first run that arrives; later ones are noted.
class Measurement {
 public:
  static constexpr Duration kSilence = 3s;
  static constexpr std::size_t kMaxOutages = 1000, kMaxSenders = 8;

  Measurement(TimePoint joined, bool sees_reports);

  void received(const Packet& packet, const IpAddress& sender, TimePoint now);
  void received_foreign(const IpAddress& sender);
  /// The number of packets that this host has dropped so far, as it was too busy to read them.
  void dropped(std::uint64_t packets) { result_.dropped = packets; }
  /// This host has sent a report for the group.
  void reported(TimePoint now);
  void queried(const IpAddress& querier, TimePoint now);
  /// The group was left and joined: packets that arrive now tell only that the sender still sends.
  void rejoined(TimePoint now) { result_.rejoined = now; }

  bool has_rejoined() const { return result_.rejoined.has_value(); }
  bool has_begun() const { return window_.has_value(); }
  bool is_ended() const { return result_.is_ended_by_sender; }
  /// Whether nothing has come for so long that it is no accident.
  bool is_silent(TimePoint now) const { return has_begun() && now - result_.last >= silence(); }
  const Plan& plan() const { return result_.plan; }
  TimePoint first() const { return result_.first; }
  std::uint64_t received() const { return window_ ? window_->received() : 0; }
  std::uint64_t lost() const { return window_ ? window_->lost(sent_) : 0; }
  /// Packets in each whole second up to `now`.
  std::vector<std::uint32_t> seconds(TimePoint now) const;
  std::optional<IpAddress> other_sender() const {
    const auto& others = result_.other_senders;
    return others.empty() ? std::nullopt : std::optional{others.front()};
  }
  std::optional<IpAddress> foreign_sender() const { return result_.foreign_sender; }
  /// When the sender wants to end; kNever before the first packet.
  TimePoint planned_end() const;
  /// The result of a measurement that ends now.
  Reception finish(TimePoint now) const;

 private:
  Duration silence() const { return std::max<Duration>(kSilence, 5 * result_.plan.interval()); }
  bool belongs(const Packet& packet, const IpAddress& sender);
  void close_gap(TimePoint now);
  void count(TimePoint now);

  Reception result_;
  std::optional<SequenceWindow> window_;
  std::uint64_t run_ = 0, sent_ = 0;  ///< sent_: as the sender said at its end
  Duration first_sent_{};
  TimePoint report_, report_before_last_;
  std::optional<TimePoint> query_since_last_, answer_since_last_;
};

}  // namespace mcq::soak
