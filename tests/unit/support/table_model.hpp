#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/event.hpp"

namespace mcq::test {

template <class T>
std::set<T> operator+(std::set<T> a, const std::set<T>& b) {
  a.insert(b.begin(), b.end());
  return a;
}
template <class T>
std::set<T> operator-(std::set<T> a, const std::set<T>& b) {
  std::erase_if(a, [&](const T& element) { return b.contains(element); });
  return a;
}
template <class T>
std::set<T> operator*(std::set<T> a, const std::set<T>& b) {
  std::erase_if(a, [&](const T& element) { return !b.contains(element); });
  return a;
}

/// The router of RFC 9776 §6 as the text has it: sets, timers and counters, and no thought of cost.
/// Timers end when tick() is called, not before.
template <Family F>
class TableModel {
 public:
  using Address = typename F::Address;
  using Version = typename F::Version;
  using Set = std::set<Address>;

  /// A group without an entry is INCLUDE({}).
  struct Entry {
    bool excludes = false;
    TimePoint group_timer{};
    std::map<Address, TimePoint> timers{};  ///< those that run: of A in include mode, else of X
    Set stopped{};                          ///< Y
    int group_queries = 0;                  ///< retransmission state (§6.6.3)
    std::map<Address, int> source_queries{};
    TimePoint next_round = kNever;
    std::map<Version, TimePoint> host_present{};

    bool is_nothing() const { return !excludes && timers.empty(); }
    Version compatibility(TimePoint now) const {
      for (const auto& [version, until] : host_present) {
        if (until > now) return version;
      }
      return F::kNewest;
    }
  };

  /// How things stand with the querier: what it is set to, the address it has, whether it is the
  /// one that asks, and whose values are in force.
  core::Settings<F> settings{};
  Address self{};
  bool asks = false;
  core::Timing timing{};
  Address reporter{};  ///< of the next record

  core::Actions<F> actions{};
  std::map<Address, Entry> groups{};

  /// §7.3.2: what an older host says counts as a record.
  void receive_report(const Address& group, Version version, TimePoint now) {
    if (!F::is_tracked(group)) return;
    groups[group].host_present[version] =
        now + timing.robustness * timing.query_interval + timing.response_interval;
    receive_record(RecordType::kIsEx, group, {}, now);
  }

  /// §6.4: without sources such a record says nothing.
  static bool changes_sources_alone(RecordType type) {
    return type == RecordType::kIsIn || type == RecordType::kAllow || type == RecordType::kBlock;
  }

  void receive_record(RecordType type, const Address& group, Set listed, TimePoint now) {
    if (!F::is_tracked(group)) return;
    const bool is_new = !groups.contains(group) || groups[group].is_nothing();
    auto& entry = groups[group];
    const auto mode = entry.compatibility(now);
    const bool is_ignored = (mode != F::kNewest && type == RecordType::kBlock) ||
                            (mode == F::kNoLeave && type == RecordType::kToIn) ||
                            (listed.empty() && changes_sources_alone(type));
    if (mode != F::kNewest && type == RecordType::kToEx) listed.clear();
    if (!is_ignored) {
      entry.excludes ? in_exclude_mode(entry, type, listed, now)
                     : in_include_mode(entry, type, listed, now);
      if (entry.next_round <= now) send_round(group, entry, now);
    }
    if (entry.is_nothing()) {
      groups.erase(group);
    } else if (is_new) {
      actions.insert(actions.begin(),
                     core::MembershipChanged<F>{core::Change::kGroupAdded, group, {}, reporter});
    }
  }

  /// No timer runs for longer than these values would set it for.
  void shorten(const core::Timing& ours, TimePoint now) {
    const auto present = ours.robustness * ours.query_interval;
    const auto longest = now + present + 2 * ours.response_interval;
    for (auto& [group, entry] : groups) {
      entry.group_timer = std::min(entry.group_timer, longest);
      for (auto& [source, timer] : entry.timers) timer = std::min(timer, longest);
      for (auto& [version, until] : entry.host_present) {
        until = std::min(until, now + present + ours.response_interval);
      }
    }
  }

  /// §6.6.1, with the times of the sender.
  void receive_query(const Query<F>& query, TimePoint now) {
    const auto found = groups.find(query.group);
    if (found == groups.end() || query.suppress) return;
    auto& entry = found->second;
    const auto interval =
        query.max_response == 0s ? settings.last_member_interval.get() : query.max_response;
    const auto count = query.robustness == 0 ? timing.robustness : query.robustness;
    const auto lowered = now + count * interval;
    if (query.sources.empty() && entry.excludes && entry.group_timer > lowered) {
      entry.group_timer = lowered;
    }
    for (auto& [source, timer] : entry.timers) {
      if (std::count(query.sources.begin(), query.sources.end(), source) > 0) {
        timer = std::min(timer, lowered);
      }
    }
  }

  /// §6.2.2, §6.2.3, §6.5, and the queries that are due.
  void tick(TimePoint now) {
    Set all;
    for (const auto& [group, entry] : groups) all.insert(group);
    for (const auto& group : all) {
      auto& entry = groups[group];
      for (const auto& source : running(entry)) {
        if (entry.timers[source] > now) continue;
        actions.push_back(core::MembershipChanged<F>{core::Change::kSourceRemoved, group, source});
        forget(entry, {source});
        if (entry.excludes) entry.stopped.insert(source);
      }
      if (entry.excludes && entry.group_timer <= now) {
        entry.excludes = false;
        entry.stopped.clear();
        entry.group_queries = 0;
      }
      if (entry.is_nothing()) {
        groups.erase(group);
        actions.push_back(core::MembershipChanged<F>{core::Change::kGroupRemoved, group, {}});
      } else if (entry.next_round <= now) {
        send_round(group, entry, now);
      }
    }
  }

  /// When tick() will do something.
  TimePoint deadline() const {
    auto first = kNever;
    for (const auto& [group, entry] : groups) {
      first = std::min(first, entry.next_round);
      if (entry.excludes) first = std::min(first, entry.group_timer);
      for (const auto& [source, timer] : entry.timers) first = std::min(first, timer);
    }
    return first;
  }

 private:
  static Set running(const Entry& entry) {
    Set sources;
    for (const auto& [source, timer] : entry.timers) sources.insert(source);
    return sources;
  }
  static void forget(Entry& entry, const Set& sources) {
    for (const auto& source : sources) {
      entry.timers.erase(source);
      entry.source_queries.erase(source);
    }
  }
  static void set_timers(Entry& entry, const Set& sources, TimePoint to) {
    for (const auto& source : sources) entry.timers[source] = to;
  }

  TimePoint membership_end(TimePoint now) const {
    return now + timing.robustness * timing.query_interval + 2 * timing.response_interval;
  }
  Duration last_member_time() const {
    return settings.robustness.get() * settings.last_member_interval.get();
  }

  /// INCLUDE (A) and a record of B.
  void in_include_mode(Entry& entry, RecordType type, const Set& b, TimePoint now) {
    const auto a = running(entry);
    switch (type) {
      case RecordType::kIsIn:
      case RecordType::kAllow:
        set_timers(entry, b, membership_end(now));
        break;
      case RecordType::kBlock:
        ask(entry, a * b, now);
        break;
      case RecordType::kToIn:
        set_timers(entry, b, membership_end(now));
        ask(entry, a - b, now);
        break;
      case RecordType::kIsEx:
      case RecordType::kToEx:
        forget(entry, a - b);
        entry.stopped = b - a;
        if (type == RecordType::kToEx) ask(entry, a * b, now);
        to_exclude(entry, now);
        break;
    }
  }

  /// EXCLUDE (X, Y) and a record of A.
  void in_exclude_mode(Entry& entry, RecordType type, const Set& a, TimePoint now) {
    const auto x = running(entry), y = entry.stopped;
    switch (type) {
      case RecordType::kIsIn:
      case RecordType::kAllow:
      case RecordType::kToIn:
        set_timers(entry, a, membership_end(now));
        entry.stopped = y - a;
        if (type != RecordType::kToIn) break;
        ask(entry, x - a, now);
        ask_group(entry, now);
        break;
      case RecordType::kBlock:
        set_timers(entry, a - x - y, entry.group_timer);
        ask(entry, a - y, now);
        break;
      case RecordType::kIsEx:
        set_timers(entry, a - x - y, membership_end(now));
        forget(entry, x - a);
        entry.stopped = y * a;
        to_exclude(entry, now);
        break;
      case RecordType::kToEx:
        set_timers(entry, a - x - y, entry.group_timer);
        forget(entry, x - a);
        entry.stopped = y * a;
        ask(entry, a - y, now);
        to_exclude(entry, now);
        break;
    }
  }

  void to_exclude(Entry& entry, TimePoint now) {
    entry.excludes = true;
    entry.group_timer = membership_end(now);
    if (settings.version != F::kNewest) entry.group_queries = 0;  // RFC 2236 §7
  }

  /// A request waits for the round that is due anyway.
  static TimePoint round_after(const Entry& entry, TimePoint now) {
    return entry.next_round == kNever || entry.next_round < now ? now : entry.next_round;
  }

  /// "Send Q(G, sources)" (§6.6.3.2)
  void ask(Entry& entry, const Set& sources, TimePoint now) {
    if (!asks || settings.version != F::kNewest) return;
    const auto round = round_after(entry, now);
    for (const auto& source : sources) {
      if (entry.timers.at(source) <= round + last_member_time()) continue;
      entry.timers[source] = round + last_member_time();
      entry.source_queries[source] = settings.robustness.get();
      entry.next_round = round;
    }
  }

  /// "Send Q(G)" (§6.6.3.1). One that is under way and has lowered the timer is not begun again.
  void ask_group(Entry& entry, TimePoint now) {
    if (!asks || settings.version == F::kNoLeave) return;
    const auto round = round_after(entry, now);
    const auto lowered = round + last_member_time();
    if (entry.group_queries > 0 && entry.group_timer <= lowered) return;
    if (entry.group_timer > lowered) entry.group_timer = lowered;
    entry.group_queries = settings.robustness.get();
    entry.next_round = round;
  }

  void send_round(const Address& group, Entry& entry, TimePoint now) {
    const auto sent_before = actions.size();
    const bool can_ask = !self.is_unspecified() && settings.version != F::kNoLeave;
    if (!can_ask) entry.group_queries = 0;
    if (!can_ask || settings.version != F::kNewest) entry.source_queries.clear();
    if (entry.group_queries > 0) {
      entry.group_queries -= 1;
      send(group, {}, entry.group_timer > now + last_member_time());
    }
    Set above, below;
    for (auto& [source, left] : entry.source_queries) {
      left -= 1;
      (entry.timers.at(source) > now + last_member_time() ? above : below).insert(source);
    }
    std::erase_if(entry.source_queries, [](const auto& counter) { return counter.second == 0; });
    if (!above.empty()) send(group, above, true);
    if (!below.empty()) send(group, below, false);
    entry.next_round =
        actions.size() > sent_before ? now + settings.last_member_interval.get() : kNever;
  }

  void send(const Address& group, const Set& sources, bool suppress) {
    Query<F> query{.version = settings.version,
                   .group = group,
                   .sources = {sources.begin(), sources.end()},
                   .max_response = settings.last_member_interval.get()};
    if (settings.version == F::kNewest) {
      query.query_interval = settings.query_interval.get();
      query.robustness = static_cast<std::uint8_t>(settings.robustness.get());
      query.suppress = suppress;
    }
    actions.push_back(core::SendQuery<F>{self, group, query});
  }
};

}  // namespace mcq::test
