#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/querier.hpp"
#include "events.hpp"
#include "require.hpp"

// A querier to which anything may happen in any order. make_corpus.py writes the same bytes.

namespace mcq::fuzz {
namespace {

using namespace core;

constexpr TimePoint kEnd{24h * 365 * 100};

/// How many specific queries a group is still to send, or to be part of.
template <Family F>
int queries_left(const Group<F>* group) {
  if (group == nullptr) return 0;
  int left = group->queries_left();
  for (const auto& source : group->sources()) left += source.queries_left;
  return left;
}

/// The querier under test, and what must hold after every step whatever the events are.
template <Family F>
class Watched {
 public:
  using Address = typename F::Address;

  explicit Watched(Settings<F> settings) : querier_(settings, Random{1}) { follow(settings); }

  TimePoint deadline() const { return querier_.deadline(); }

  void tick(TimePoint now) {
    const auto before = deadline();
    const auto actions = step(Tick{}, now);
    if (now < before) {
      require(actions.empty() && deadline() == before, "a tick too early changes nothing");
      return;
    }
    require(deadline() > now, "a tick moves the deadline into the future");
    if (general_queries(actions) == 0) return;
    if (now >= second_of_pair_) {
      second_of_pair_ = kNever;
      return;
    }
    require(now - last_timed_query_ >= 100ms, "timed queries are at least 100 ms apart");
    last_timed_query_ = now;
  }
  void receive(const QueryReceived<F>& received, TimePoint now) {
    const auto actions = step(received, now);
    require(std::none_of(actions.begin(), actions.end(), is_query),
            "receiving a query sends nothing");
    require(received.query.is_general() || std::all_of(actions.begin(), actions.end(), is_notice),
            "a specific query changes no role");
    settle(now);
  }
  void receive(const RouterMessageReceived<F>& received, TimePoint now) {
    const auto actions = step(received, now);
    require(std::all_of(actions.begin(), actions.end(), is_notice), "no answer comes at once");
  }
  void receive(Event<F> member, const Address& address, TimePoint now) {
    const auto* group = querier_.groups().find(address);
    const auto left = queries_left(group);
    const bool may_ask = querier_.role() == Role::kQuerier && !settings_.proxy;
    step(member, now);
    require(may_ask || queries_left(querier_.groups().find(address)) <= left,
            "only the querier begins to ask");
    require(last_asked_.size() <= 1, "who speaks of one group has us ask about no other");
    settle(now);
  }
  void receive_bpdu(TimePoint now) {
    step(BpduReceived{}, now);
    settle(now);
  }
  void set_link(const Link<F>& link, TimePoint now) {
    link_ = link;
    if (!link.up) next_allowed_.clear();
    step(LinkChanged<F>{link}, now);
    settle(now);
  }
  void configure(const Settings<F>& settings, TimePoint now) {
    follow(settings);
    step(SettingsChanged<F>{settings}, now);
    settle(now);
  }
  /// The queries of the last step could not be sent: their sender is told at once.
  void fail_queries(TimePoint now) {
    if (now != last_step_) return;
    for (const auto& query : std::exchange(last_queries_, {})) {
      if (!query.is_general()) next_allowed_.erase(query.group);
      require(step(QueryFailed<F>{query}, now).empty(), "what cannot be sent is not sent at once");
    }
    settle(now);
  }

 private:
  static bool is_query(const Action<F>& action) {
    return std::holds_alternative<SendQuery<F>>(action);
  }
  static bool is_notice(const Action<F>& action) {
    return std::holds_alternative<Noticed<F>>(action);
  }
  static std::size_t general_queries(const Actions<F>& actions) {
    return static_cast<std::size_t>(
        std::count_if(actions.begin(), actions.end(), [](const auto& action) {
          return is_query(action) && std::get<SendQuery<F>>(action).query.is_general();
        }));
  }

  /// What was let in under earlier limits may stay.
  void follow(const Settings<F>& settings) {
    settings_ = settings;
    most_groups_ = std::max(most_groups_, settings.max_groups.get());
    most_sources_ = std::max(most_sources_, settings.max_sources.get());
    most_hosts_ = std::max(most_hosts_, settings.max_hosts.get());
  }

  Actions<F> step(const Event<F>& event, TimePoint now) {
    const auto role_before = querier_.role();
    const auto groups_before = querier_.groups().size();
    auto actions = querier_.step(event, now);
    require(general_queries(actions) <= 1, "one event brings one General Query at most");
    int changes = 0;
    std::ptrdiff_t added = 0;
    last_asked_.clear();
    last_queries_.clear();
    last_step_ = now;
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<SendQuery<F>>(&action)) {
        check_query(*send, now);
        last_queries_.push_back(send->query);
      }
      if (std::holds_alternative<TopologyChanged<F>>(action)) {
        require(querier_.role() == Role::kQuerier, "only the querier heeds a change");
        require(now - last_pair_ >= 10s, "pairs of queries are at least 10 s apart");
        last_pair_ = now;
        second_of_pair_ = now + 1s;
      }
      if (const auto* change = std::get_if<RoleChanged<F>>(&action)) {
        ++changes;
        second_of_pair_ = kNever;
        require(change->to == querier_.role() && change->querier == querier_.querier(),
                "a change of role is told as it is");
      }
      if (const auto* change = std::get_if<MembershipChanged<F>>(&action)) {
        if (change->change == Change::kGroupAdded) ++added;
        if (change->change == Change::kGroupRemoved) --added;
        if (change->change == Change::kGroupRemoved) next_allowed_.erase(change->group);
      }
    }
    require(changes == (querier_.role() == role_before ? 0 : 1),
            "every change of role is told once");
    require(!link_.up || added == static_cast<std::ptrdiff_t>(querier_.groups().size()) -
                                      static_cast<std::ptrdiff_t>(groups_before),
            "every group that comes or goes is told");
    check_role();
    check_table();
    return actions;
  }

  /// A timer may be put where it comes out before its time.
  void settle(TimePoint now) {
    if (deadline() <= now) tick(now);
  }

  void check_query(const SendQuery<F>& send, TimePoint now) {
    const auto& query = send.query;
    require(query.version == settings_.version, "it asks in the version it is set to");
    if (query.is_general()) {
      require(querier_.role() == Role::kQuerier, "only the querier asks");
      require(send.destination == F::kAllNodes && query.sources.empty() && !query.suppress,
              "a General Query goes to all nodes");
      require(send.source == (settings_.proxy ? Address{} : link_.self),
              "it asks from its own address, and from none only as a proxy");
      return;
    }
    require(send.destination == query.group && send.source == link_.self &&
                !link_.self.is_unspecified(),
            "a specific query goes from our address to the group");
    require(query.max_response == settings_.last_member_interval.get(), "it has its own time");
    require(query.version != F::kNoLeave && (query.version == F::kNewest || query.sources.empty()),
            "it is one that this version has");
    require(F::kQueryOverhead + query.sources.size() * sizeof(Address) <= link_.mtu,
            "it fits into a packet");
    require(querier_.groups().find(query.group) != nullptr, "it asks about what there is");
    const auto [allowed, is_new] = next_allowed_.try_emplace(query.group, now);
    const bool same_round = last_asked_.contains(query.group);
    require(is_new || same_round || allowed->second <= now, "one round per interval and group");
    allowed->second = now + settings_.last_member_interval.get();
    auto& asked = last_asked_[query.group];
    require(!query.sources.empty() || ++asked[Address{}] == 1, "a round asks once about the group");
    for (const auto& source : query.sources) {
      require(++asked[source] == 1, "a round asks once about every source");
    }
  }

  void check_role() const {
    const bool may_ask = link_.up && (settings_.proxy || !link_.self.is_unspecified());
    require((querier_.role() != Role::kWaiting) == may_ask,
            "it waits exactly while it has no link or no address");
    require(link_.up || deadline() == kNever, "a link that is down has no deadline");
    if (querier_.role() == Role::kWaiting) return;
    require(deadline() != kNever, "a querier that does not wait has a deadline");
    if (querier_.role() != Role::kNonQuerier) return;
    require(!querier_.querier().is_unspecified(), "it yields to an address");
    require(!lists(settings_.ignored_queriers), "it does not yield to one that is ignored");
    require(!settings_.trusted_queriers || lists(*settings_.trusted_queriers) ||
                settings_.on_rogue_querier == OnRogue::kWarn,
            "it does not yield to a rogue that is to be ignored");
    require(settings_.proxy || querier_.querier() < link_.self,
            "it yields to lower addresses only");
  }

  /// Whether that list has the elected querier.
  bool lists(const std::vector<typename F::Prefix>& queriers) const {
    return std::any_of(queriers.begin(), queriers.end(),
                       [&](const auto& entry) { return entry.contains(querier_.querier()); });
  }

  void check_table() const {
    const auto& table = querier_.groups();
    std::size_t groups = 0, all_sources = 0, all_hosts = 0;
    table.for_each([&](const Group<F>& group) {
      ++groups;
      all_sources += group.sources().size();
      all_hosts += group.hosts().size();
      check_group(group);
    });
    require(groups == table.size() && all_sources == table.sources() && all_hosts == table.hosts(),
            "the sums are right");
    const auto most = static_cast<std::size_t>(most_groups_);
    require(groups <= most, "there are no more groups than allowed");
    require(all_sources <= static_cast<std::size_t>(most_sources_) + 4 * most &&
                all_hosts <= static_cast<std::size_t>(most_hosts_) + 4 * most,
            "together they hold no more than allowed");
    require(link_.up || groups == 0, "a link that is down has no members");
  }

  void check_group(const Group<F>& group) const {
    require(querier_.groups().find(group.address) == &group, "a group is found");
    require(F::is_tracked(group.address), "a group is one that is tracked");
    require(group.sources().size() <= static_cast<std::size_t>(most_sources_) &&
                group.hosts().size() <= static_cast<std::size_t>(most_hosts_),
            "a group holds no more than allowed");
    const bool excludes = group.mode() == FilterMode::kExclude;
    const auto latest = deadline() - 1ms;  // it is rounded up
    require(excludes == (group.expires != kStopped), "the group timer runs in exclude mode");
    require(excludes || !group.sources().empty(), "nobody's group is no group");
    require(excludes || group.queries_left() == 0, "without that mode there is no query about it");
    for (std::size_t i = 0; i < group.sources().size(); ++i) {
      const auto& source = group.sources()[i];
      require(is_unicast(source.address), "a source can send");
      require(i == 0 || group.sources()[i - 1].address < source.address, "sources are sorted");
      require(excludes || source.is_requested(), "only exclude mode excludes");
      require(source.is_requested() || source.queries_left == 0, "nobody asks about the excluded");
      require(!source.is_requested() || latest < source.expires, "no timer of a source either");
    }
    require(queries_left(&group) == 0 || group.next_query() != kNever, "no query is stuck");
    require(latest < group.next_query() && (!excludes || latest < group.expires),
            "no timer is forgotten");
    for (std::size_t i = 1; i < group.hosts().size(); ++i) {
      require(group.hosts()[i - 1].address < group.hosts()[i].address, "hosts are sorted");
    }
  }

  Settings<F> settings_;
  Querier<F> querier_;
  Link<F> link_;
  TimePoint last_timed_query_{-1h};
  TimePoint last_pair_{-1h};  ///< when the last pair after a change of the topology began
  TimePoint second_of_pair_ = kNever;
  int most_groups_ = 0, most_sources_ = 0, most_hosts_ = 0;
  std::map<Address, TimePoint> next_allowed_;  ///< when the next round about a group may begin
  /// What the last step asked about, and how often; the unspecified source is the group itself.
  std::map<Address, std::map<Address, int>> last_asked_;
  std::vector<Query<F>> last_queries_;  ///< of the last step
  TimePoint last_step_{};
};

template <Family F>
void run(Reader in) {
  Watched<F> querier{read_settings<F>(in)};
  TimePoint now{};
  while (!in.empty() && now < kEnd) {
    switch (in.byte() % 14) {
      case 0:
        if (querier.deadline() != kNever) now = std::max(now, querier.deadline());
        [[fallthrough]];
      case 1:
        querier.tick(now);
        break;
      case 2:
        now += Duration{100ms} * in.number();
        break;
      case 3:
        querier.receive(read_query<F>(in), now);
        break;
      case 4:
        querier.set_link(read_link<F>(in), now);
        break;
      case 5:
        querier.configure(read_settings<F>(in), now);
        break;
      case 6: {
        const auto version =
            static_cast<typename F::Version>(in.within(1, static_cast<int>(F::kNewest) - 1));
        const auto from = host<F>(in.byte());
        const auto about = group<F>(in.byte());
        querier.receive(ReportReceived<F>{from, {version, about}}, about, now);
        break;
      }
      case 7: {
        const auto from = host<F>(in.byte());
        const auto about = group<F>(in.byte());
        querier.receive(LeaveReceived<F>{from, {about}}, about, now);
        break;
      }
      case 8: {
        const auto type = static_cast<RecordType>(in.within(1, 6));
        const auto from = host<F>(in.byte());
        const auto about = group<F>(in.byte());
        const auto listed = sources<F>(in.byte());
        querier.receive(RecordReceived<F>{from, {type, about, listed}}, about, now);
        break;
      }
      case 9:
        querier.receive(read_specific_query<F>(in), now);
        break;
      case 10:
        querier.fail_queries(now);
        break;
      case 11: {
        const auto type = static_cast<RouterMessage::Type>(in.byte() % 3);
        querier.receive({host<F>(in.byte()), F::kAllRouters, {type}}, now);
        break;
      }
      case 12:
        querier.receive_bpdu(now);
        break;
      case 13:
        querier.receive(LeaveReceived<F>{host<F>(in.byte()), {}}, {}, now);
        break;
    }
  }
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcq::fuzz::Reader in{{data, size}};
  if (in.byte() % 2 == 0) {
    mcq::fuzz::run<mcq::Igmp>(in);
  } else {
    mcq::fuzz::run<mcq::Mld>(in);
  }
  return 0;
}
