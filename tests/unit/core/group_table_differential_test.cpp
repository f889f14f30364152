#include <gtest/gtest.h>

#include "support/querier_rig.hpp"
#include "support/table_model.hpp"

// Whatever hosts and queriers say, in any order: the table agrees with the text of the RFC.

namespace mcq::core {
namespace {

using test::Lan;
using test::rfc_settings;
using test::TableModel;

/// A querier and the model, to which the same things happen.
template <Family F>
class Twins {
 public:
  using Address = typename F::Address;
  using Addresses = std::vector<Address>;
  using Version = typename F::Version;

  explicit Twins(std::uint64_t seed)
      : random_(seed), settings_(draw_settings()), querier_(settings_, Random{seed}) {
    set_address(kSelf);
  }

  void run(int events) {
    for (int i = 0; i < events && !testing::Test::HasFatalFailure(); ++i) {
      pass_time();
      happen();
    }
  }

 private:
  static constexpr Address kSelf = Lan<F>::host(10), kLower = Lan<F>::host(2);

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool is_one_in(std::uint64_t n) { return below(n) == 0; }

  Settings<F> draw_settings() {
    auto s = rfc_settings<F>();
    if (is_one_in(4))
      s.version = static_cast<Version>(1 + below(static_cast<unsigned>(F::kNewest)));
    s.robustness = *Robustness::from(static_cast<int>(1 + below(4)));
    s.last_member_interval =
        *LastMemberInterval::from(100ms * static_cast<std::int64_t>(1 + below(30)));
    s.proxy = is_one_in(16);
    return s;
  }
  Address draw_group() { return is_one_in(60) ? F::kAllNodes : Lan<F>::group(below(2) & 1U); }
  Addresses draw_sources() {
    Addresses sources;
    for (std::uint16_t n = 1; n <= 5; ++n) {
      if (is_one_in(3)) sources.push_back(Lan<F>::source(n));
    }
    if (is_one_in(8)) std::reverse(sources.begin(), sources.end());
    if (is_one_in(8)) sources.push_back({});
    if (is_one_in(8) && !sources.empty()) sources.push_back(sources.front());
    return sources;
  }

  /// Sometimes none, often less than a round of queries, now and then a membership interval; and
  /// sometimes nobody looks at the clock for that long.
  void pass_time() {
    constexpr std::array<std::uint64_t, 8> kBounds{1, 1, 6, 12, 20, 50, 300, 3000};
    const auto longest = kBounds[static_cast<std::size_t>(below(kBounds.size()))];
    const auto end = now_ + 100ms * static_cast<std::int64_t>(below(longest));
    const bool is_late = is_one_in(5);
    while (!is_late && querier_.deadline() <= end && !testing::Test::HasFatalFailure()) {
      now_ = std::max(now_, querier_.deadline());
      tick();
      ASSERT_GT(querier_.deadline(), now_);
    }
    now_ = end;
  }

  void set_address(const Address& self) {
    self_ = self;
    compare(querier_.step(LinkChanged<F>{{true, self, {Lan<F>::kSubnet}}}, now_));
  }
  void tick() {
    model_.tick(now_);
    compare(querier_.step(Tick{}, now_));
  }

  void happen() {
    const auto source = Lan<F>::host(static_cast<std::uint8_t>(50 + below(3)));
    model_.reporter = source;
    const auto group = draw_group();
    switch (below(16)) {
      case 0: {
        const auto version = static_cast<Version>(1 + below(static_cast<unsigned>(F::kNewest) - 1));
        if (!is_one_in(3)) return;  // they last long, and leave less to try
        model_.receive_report(group, version, now_);
        return compare(querier_.step(ReportReceived<F>{source, {version, group}}, now_));
      }
      case 1:
        model_.receive_record(RecordType::kToIn, group, {}, now_);
        return compare(querier_.step(LeaveReceived<F>{source, {group}}, now_));
      case 2:
        if (!is_one_in(8)) return tick();
        return compare(
            querier_.step(QueryReceived<F>{kLower, F::kAllNodes, test::general_query<F>()}, now_));
      case 4:
        if (!is_one_in(8)) return tick();
        if (is_one_in(2)) return set_address(is_one_in(2) ? Address{} : kSelf);
        settings_ = draw_settings();
        return compare(querier_.step(SettingsChanged<F>{settings_}, now_));
      case 3:
        return receive_specific_query(group);
      default: {
        const auto type = static_cast<RecordType>(1 + below(6));
        const auto listed = draw_sources();
        std::set<Address> sources{listed.begin(), listed.end()};
        sources.erase(Address{});
        model_.receive_record(type, group, sources, now_);
        return compare(querier_.step(RecordReceived<F>{source, {type, group, listed}}, now_));
      }
    }
  }

  void receive_specific_query(const Address& group) {
    Query<F> query{.group = group,
                   .sources = is_one_in(2) ? Addresses{} : draw_sources(),
                   .max_response = 500ms * static_cast<std::int64_t>(below(5)),
                   .robustness = static_cast<std::uint8_t>(below(4)),
                   .suppress = is_one_in(4)};
    if (querier_.role() == Role::kNonQuerier && group != F::kAllNodes) {
      model_.receive_query(query, now_);
    }
    compare(querier_.step(QueryReceived<F>{kLower, group, std::move(query)}, now_));
  }

  void compare(const Actions<F>& actions) {
    const auto& table = querier_.groups();
    Actions<F> of_members;
    for (const auto& action : actions) {
      const auto* send = std::get_if<SendQuery<F>>(&action);
      if ((send != nullptr && !send->query.is_general()) ||
          std::holds_alternative<MembershipChanged<F>>(action)) {
        of_members.push_back(action);
      }
    }
    const bool is_querier = querier_.role() == Role::kQuerier;
    if (!std::exchange(was_querier_, is_querier) && is_querier) {
      model_.shorten(querier_.timing(), now_);
    }
    const auto expected = std::exchange(model_.actions, {});
    // The order of groups is open.
    ASSERT_TRUE(
        std::is_permutation(of_members.begin(), of_members.end(), expected.begin(), expected.end()))
        << testing::PrintToString(of_members) << "\nbut the model does\n"
        << testing::PrintToString(expected);
    ASSERT_EQ(table.size(), model_.groups.size());
    std::size_t sources = 0;
    for (const auto& [address, entry] : model_.groups) {
      const auto* group = table.find(address);
      ASSERT_NE(group, nullptr);
      compare(*group, entry);
      sources += group->sources().size();
    }
    ASSERT_EQ(table.sources(), sources);
    follow_hosts(actions);
    ASSERT_LE(querier_.deadline(), model_.deadline()) << "something would be late";
    follow_the_role();
  }
  void follow_the_role() {
    model_.settings = settings_;
    model_.self = self_;
    model_.asks = querier_.role() == Role::kQuerier && !settings_.proxy;
    model_.timing = querier_.timing();
  }

  /// Whoever takes note of what is told of hosts knows who is behind each group.
  void follow_hosts(const Actions<F>& actions) {
    const auto hosts_of = [&](const Address& group) {
      std::set<Address> hosts;
      for (const auto& host : querier_.groups().find(group)->hosts()) hosts.insert(host.address);
      return hosts;
    };
    for (const auto& action : actions) {
      if (const auto* change = std::get_if<MembershipChanged<F>>(&action)) {
        if (change->change == Change::kGroupAdded) told_[change->group] = hosts_of(change->group);
        if (change->change == Change::kGroupRemoved) told_.erase(change->group);
      }
      if (const auto* change = std::get_if<HostChanged<F>>(&action)) {
        auto& hosts = told_[change->group];
        const bool is_news =
            change->listens ? hosts.insert(change->host).second : hosts.erase(change->host) == 1;
        ASSERT_TRUE(is_news) << testing::PrintToString(*change);
      }
    }
    ASSERT_EQ(told_.size(), querier_.groups().size());
    for (const auto& [group, hosts] : told_) ASSERT_EQ(hosts, hosts_of(group));
  }

  void compare(const Group<F>& group, const typename TableModel<F>::Entry& entry) {
    ASSERT_EQ(group.mode() == FilterMode::kExclude, entry.excludes);
    if (entry.excludes) {
      ASSERT_EQ(group.expires, entry.group_timer);
    }
    ASSERT_EQ(group.compatibility(now_), entry.compatibility(now_));
    ASSERT_EQ(group.queries_left(), entry.group_queries);
    ASSERT_EQ(group.next_query(), entry.next_round);
    std::map<Address, TimePoint> timers;
    std::set<Address> stopped;
    std::map<Address, int> queries;
    for (const auto& source : group.sources()) {
      if (source.is_requested()) {
        timers[source.address] = source.expires;
      } else {
        stopped.insert(source.address);
      }
      if (source.queries_left > 0) queries[source.address] = source.queries_left;
    }
    ASSERT_EQ(group.sources().size(), timers.size() + stopped.size());
    ASSERT_EQ(timers, entry.timers);
    ASSERT_EQ(stopped, entry.stopped);
    ASSERT_EQ(queries, entry.source_queries);
    for (std::uint16_t n = 0; n <= 6; ++n) {
      const auto source = Lan<F>::source(n);
      ASSERT_EQ(group.is_forwarded(source),
                entry.timers.contains(source) || (entry.excludes && !stopped.contains(source)));
    }
  }

  Random random_;
  TimePoint now_{1h};
  Address self_{};
  Settings<F> settings_;
  Querier<F> querier_;
  bool was_querier_ = false;
  std::map<Address, std::set<Address>> told_;  ///< hosts by group, as the actions have it
  TableModel<F> model_{};
};

template <class F>
class Differential : public testing::Test {};
TYPED_TEST_SUITE(Differential, test::Families);

TYPED_TEST(Differential, TheTableAgreesWithTheText) {  // IGMP-S-01 to -26, MLD-S-01 to -06
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Twins<TypeParam>{seed}.run(400);
    if (this->HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace mcq::core
