#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/family.hpp"
#include "core/by_address.hpp"
#include "core/timer_wheel.hpp"

namespace mcq::core {

/// The filter mode of a group (RFC 9776 §6.2.1).
enum class FilterMode : std::uint8_t { kInclude, kExclude };

/// A timer that does not run.
inline constexpr TimePoint kStopped = TimePoint::min();

template <Family F>
struct Source {
  typename F::Address address{};
  std::uint8_t queries_left = 0;  ///< specific queries that still have to name it
  TimePoint expires = kStopped;   ///< kStopped: it is in the exclude list
  bool is_requested() const { return expires != kStopped; }
  bool operator==(const Source&) const = default;
};

/// A time in seconds, modulo 18 hours.
constexpr std::uint16_t coarse(TimePoint time) {
  return static_cast<std::uint16_t>(time.time_since_epoch() / Duration{1s});
}

/// A host that reported a group.
template <Family F>
struct Host {
  typename F::Address address{};
  typename F::Version version = F::kNewest;  ///< of its last report
  std::uint16_t joined = 0;                  ///< coarse() time of its first report
  TimePoint last_report{};
  bool operator==(const Host&) const = default;

  /// Whether a report of this host, received outside the response time of any query, means that it
  /// joins again: it cannot be a retransmission of its first one. IGMPv2 and MLDv1 send that up to
  /// twice more, up to 10 s apart (RFC 2236 §3, §8.10; RFC 2710 §7.10).
  bool rejoins(TimePoint now) const {
    constexpr std::uint16_t kRetransmission = 2 * 10 + 1;
    return static_cast<std::uint16_t>(coarse(now) - joined) > kRetransmission;
  }
};

/// The state that most groups do not need, allocated on demand.
template <Family F>
struct RareState {
  /// Number of versions older than the last but one: IGMPv1; none in MLD.
  static constexpr std::size_t kOldest = static_cast<std::size_t>(F::kNewest) - 2;

  std::vector<Source<F>> sources{};
  std::vector<Host<F>> hosts{};
  TimePoint next_query = kNever;
  std::array<TimePoint, kOldest> oldest_until = all_stopped();
  std::uint8_t queries_left = 0;

  /// Whether a group behaves the same without this state.
  bool is_nothing(TimePoint now) const {
    return sources.empty() && hosts.empty() && next_query == kNever && queries_left == 0 &&
           std::all_of(oldest_until.begin(), oldest_until.end(),
                       [&](TimePoint until) { return until <= now; });
  }

 private:
  static constexpr auto all_stopped() {
    std::array<TimePoint, kOldest> timers{};
    timers.fill(kStopped);
    return timers;
  }
};

/// The time of a report, and until when its group and its version are present after it.
struct RefreshTimes {
  TimePoint now, group_until, version_until;
};

/// A group with members: its state by RFC 9776 §6.2 and RFC 9777 §7.2.
///
/// There may be a million. The usual group has no sources, one host and no query pending, and fits
/// into one cache line (two in MLD); RareState holds everything else.
template <Family F>
class Group {
 public:
  using Address = typename F::Address;
  using Version = typename F::Version;

  Address address{};
  TimerLinks links{};
  TimePoint since{};
  TimePoint expires = kStopped;  ///< the group timer; runs only in exclude mode

  FilterMode mode() const {
    return expires == kStopped ? FilterMode::kInclude : FilterMode::kExclude;
  }
  /// The include list in include mode; the requested list and the exclude list in exclude mode.
  /// Sorted by address.
  std::span<const Source<F>> sources() const { return rare().sources; }
  std::span<Source<F>> sources() {
    return rare_ ? std::span<Source<F>>{rare_->sources} : std::span<Source<F>>{};
  }
  void set_sources(std::span<const Source<F>> sources);
  template <class Predicate>
  void erase_sources(Predicate predicate);

  /// Number of group-specific queries still to send.
  std::uint8_t queries_left() const { return rare().queries_left; }
  void set_queries_left(std::uint8_t count) {
    if (rare_ || count != 0) make_rare().queries_left = count;
  }
  /// The earliest time of the next specific query; kNever when none was sent recently.
  TimePoint next_query() const { return rare().next_query; }
  void set_next_query(TimePoint time) {
    if (rare_ || time != kNever) make_rare().next_query = time;
  }

  /// Sets until when hosts of an older version are present (RFC 9776 §7.3.2).
  void set_older_present(Version version, TimePoint until) {
    auto& timer =
        is_last_but_one(version) ? older_until_ : make_rare().oldest_until[index_of(version)];
    timer = until;
  }
  /// The group compatibility mode (RFC 9776 §7.3.2): the oldest version present.
  Version compatibility(TimePoint now) const;
  /// Whether a router forwards packets of this source (RFC 9776 §6.3).
  bool is_forwarded(const Address& source) const;

  /// The source of the last report; may be unspecified, or a host that is not tracked.
  const Address& last_reporter() const { return last_.address; }
  void set_last_reporter(const Address& reporter);
  /// The tracked hosts, sorted by address.
  std::span<const Host<F>> hosts() const {
    return is_tracked(last_) ? std::span{&last_, 1} : std::span{rare().hosts};
  }
  /// Returns null when the host is not tracked.
  Host<F>* find_host(const Address& host);
  /// Adds a host that is not tracked yet, and makes it the last reporter.
  void add_host(const Host<F>& host);
  /// Erases the hosts that `predicate` selects; returns their number.
  template <class Predicate>
  std::size_t erase_hosts(Predicate predicate);

  /// Applies the most frequent report: the only host of the group repeats its exclude mode without
  /// sources. Returns false, and changes nothing, when the report needs more than that. `tracks`:
  /// explicit tracking is on.
  bool refresh(const Address& reporter, Version version, bool tracks, const RefreshTimes& times);

  /// Limits the timers of the group and its sources to [earliest, group_until], and those of older
  /// versions to [earliest, version_until]. Timers of a group or source that is being queried may
  /// end before `earliest`.
  void fit_timers(TimePoint earliest, TimePoint group_until, TimePoint version_until);

  /// Releases memory that is not needed any more. Not for every report: some would allocate it
  /// again at once.
  void tidy(TimePoint now);

 private:
  static constexpr std::size_t index_of(Version version) {
    return static_cast<std::size_t>(version) - 1;
  }
  static constexpr bool is_last_but_one(Version version) {
    return index_of(version) == RareState<F>::kOldest;
  }
  /// Whether the last reporter is the only host, and stored in last_ alone: then it has a time. All
  /// other hosts are in RareState.
  static bool is_tracked(const Host<F>& reporter) { return reporter.last_report != kStopped; }

  const RareState<F>& rare() const { return rare_ ? *rare_ : kNothing; }
  RareState<F>& make_rare() {
    if (!rare_) rare_ = std::make_unique<RareState<F>>();
    return *rare_;
  }

  static inline const RareState<F> kNothing{};

  std::unique_ptr<RareState<F>> rare_{};
  TimePoint older_until_ = kStopped;  ///< for the version before the newest
  Host<F> last_{.last_report = kStopped};
};

template <Family F>
void Group<F>::set_sources(std::span<const Source<F>> sources) {
  if (!rare_ && sources.empty()) return;
  auto& list = make_rare().sources;
  list.assign(sources.begin(), sources.end());
  shrink(list);
}

template <Family F>
template <class Predicate>
void Group<F>::erase_sources(Predicate predicate) {
  if (!rare_) return;
  std::erase_if(rare_->sources, predicate);
  shrink(rare_->sources);
}

template <Family F>
auto Group<F>::compatibility(TimePoint now) const -> Version {
  const auto& oldest = rare().oldest_until;
  const auto present =
      std::find_if(oldest.begin(), oldest.end(), [&](TimePoint until) { return until > now; });
  if (present != oldest.end()) return static_cast<Version>(present - oldest.begin() + 1);
  return older_until_ > now ? static_cast<Version>(RareState<F>::kOldest + 1) : F::kNewest;
}

template <Family F>
bool Group<F>::is_forwarded(const Address& source) const {
  const auto listed = sources();
  const auto found = place_of(listed, source);
  const bool is_listed = found != listed.end() && found->address == source;
  return is_listed ? found->is_requested() : mode() == FilterMode::kExclude;
}

template <Family F>
void Group<F>::set_last_reporter(const Address& reporter) {
  if (last_.address == reporter) return;
  if (is_tracked(last_)) make_rare().hosts.push_back(last_);
  last_ = {.address = reporter, .last_report = kStopped};
}

template <Family F>
Host<F>* Group<F>::find_host(const Address& host) {
  if (is_tracked(last_)) return last_.address == host ? &last_ : nullptr;
  if (!rare_) return nullptr;
  auto& hosts = rare_->hosts;
  const auto found = place_of(hosts, host);
  return found != hosts.end() && found->address == host ? &*found : nullptr;
}

template <Family F>
void Group<F>::add_host(const Host<F>& host) {
  const bool is_first = hosts().empty();
  set_last_reporter(host.address);
  if (is_first) {
    last_ = host;
    return;
  }
  auto& hosts = rare_->hosts;
  make_room(hosts);
  hosts.insert(place_of(hosts, host.address), host);
}

template <Family F>
template <class Predicate>
std::size_t Group<F>::erase_hosts(Predicate predicate) {
  if (is_tracked(last_)) {
    if (!predicate(std::as_const(last_))) return 0;
    last_.last_report = kStopped;
    return 1;
  }
  if (!rare_) return 0;
  const auto count = std::erase_if(rare_->hosts, predicate);
  shrink(rare_->hosts);
  return count;
}

template <Family F>
bool Group<F>::refresh(const Address& reporter, Version version, bool tracks,
                       const RefreshTimes& times) {
  if (rare_ || last_.address != reporter || is_tracked(last_) != tracks) return false;
  if (tracks && last_.version != version) return false;
  if (mode() != FilterMode::kExclude || expires > times.group_until) return false;
  if (version != F::kNewest) {
    if (!is_last_but_one(version) || older_until_ <= times.now) return false;
    older_until_ = times.version_until;
  }
  expires = times.group_until;
  if (tracks) last_.last_report = times.now;
  return true;
}

template <Family F>
void Group<F>::fit_timers(TimePoint earliest, TimePoint group_until, TimePoint version_until) {
  const auto fit = [&](TimePoint& timer, TimePoint until, bool is_queried = false) {
    if (timer == kStopped) return;
    timer = std::min(is_queried ? timer : std::max(timer, earliest), until);
  };
  fit(expires, group_until, queries_left() > 0);
  fit(older_until_, version_until);
  if (!rare_) return;
  for (auto& source : rare_->sources) fit(source.expires, group_until, source.queries_left > 0);
  for (auto& until : rare_->oldest_until) fit(until, version_until);
}

template <Family F>
void Group<F>::tidy(TimePoint now) {
  if (!rare_) return;
  auto& hosts = rare_->hosts;
  if (hosts.size() == 1 && hosts.front().address == last_.address) {
    last_ = hosts.front();
    hosts = std::vector<Host<F>>{};
  }
  if (rare_->is_nothing(now)) rare_.reset();
}

static_assert(sizeof(Group<Igmp>) <= 64 && sizeof(Group<Mld>) <= 96);

}  // namespace mcq::core
