#pragma once

#include <map>
#include <string>

#include "sim/packet.hpp"
#include "sim/step.hpp"
#include "sim/verdict.hpp"

namespace mcq::sim {

/// Keeps account of what one querier was told of members, by its own clock, and from that of what
/// its table may and must hold and which specific queries it may send. Written anew from the RFCs,
/// and only as bounds, so that it checks the table and does not repeat it.
template <Family F>
class Ledger {
 public:
  using Address = typename F::Address;

  explicit Ledger(Verdict& verdict) : verdict_(verdict) {}

  /// `settings` and `link` are those that the querier has been told, this step included; `timing`
  /// is what was in force before.
  void watch(const Step<F>& step, const core::Settings<F>& settings, const core::Link<F>& link,
             const core::Timing& timing, TimePoint own_now, TimePoint now);

 private:
  struct Account {
    TimePoint must_until = TimePoint::min();    ///< it may not be forgotten before
    TimePoint may_until = TimePoint::min();     ///< nor be known afterwards
    TimePoint silent_until = TimePoint::min();  ///< a host that cannot say that it leaves is there
    bool has_sources = false;                   ///< some report of it had
    std::map<Address, TimePoint> hosts{}, sources{};  ///< when they last were in a report
    int rounds_left = 0;                              ///< of specific queries
    TimePoint next_round = TimePoint::min();          ///< not before
  };
  using Accounts = std::map<Address, Account>;

  void on(core::Tick) { check_all_ = true; }
  void on(const core::QueryReceived<F>& received);
  void on(const core::ReportReceived<F>& received);
  void on(const core::LeaveReceived<F>& received);
  void on(const core::RecordReceived<F>& received);
  void on(const core::LinkChanged<F>& changed);
  void on(const core::SettingsChanged<F>& changed);
  void on(core::QueryRequested) {}
  void on(core::BpduReceived) {}
  void on(const core::QueryFailed<F>&) {}
  void on(const core::RouterMessageReceived<F>&) {}
  void on(core::Stopped) {}

  void join(Account& account, const Address& reporter);
  void doubt(Account& account, RecordType type);
  void shorten();
  Account& account(const Address& group);

  void check_queries();
  void check_query(const Query<F>& query, const Address& source, const Address& destination);
  void check_round(const Address& group);
  void check(const Address& group, Account& account);
  void check_members(const core::Group<F>& group, const Account& account);

  /// That of `settings_`.
  core::Timing own_timing() const {
    return {settings_->robustness.get(), settings_->query_interval.get(),
            settings_->response_interval.get()};
  }
  bool asks() const;
  Duration time_to_answer() const {
    return settings_->last_member_interval.get() * settings_->robustness.get();
  }
  /// RFC 9776 §8.4
  Duration membership() const {
    return timing_.robustness * timing_.query_interval + 2 * timing_.response_interval;
  }
  void expect(bool holds, Rule rule, const Address& group, const char* otherwise);

  Verdict& verdict_;
  const Step<F>* step_ = nullptr;
  const core::Settings<F>* settings_ = nullptr;
  const core::Link<F>* link_ = nullptr;
  core::Timing timing_;
  TimePoint own_now_{}, now_{};
  bool check_all_ = false;
  Duration longest_membership_{};
  Accounts accounts_;
  Account* touched_ = nullptr;
  Address touched_group_{};
};

extern template class Ledger<Igmp>;
extern template class Ledger<Mld>;

}  // namespace mcq::sim
