#include <span>
#include <utility>

#include "core/querier.hpp"
#include "require.hpp"
#include "wire/time_code.hpp"

// A querier to which anything may happen in any order. make_corpus.py writes the same octets.

namespace mcq::fuzz {
namespace {

using namespace core;

constexpr TimePoint kEnd{24h * 365 * 100};

/// The octets of the input, then zeroes.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t octet() {
    if (bytes_.empty()) return 0;
    const auto first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  int number() {
    const int high = octet();
    return high * 256 + octet();
  }
  /// A number from `low` to `high`.
  int within(int low, int high) { return low + octet() % (high - low + 1); }

 private:
  std::span<const std::uint8_t> bytes_;
};

template <Family F>
typename F::Address address(std::uint8_t first, std::uint8_t last) {
  typename F::Address a;
  a.octets.front() = first;
  a.octets.back() = last;
  return a;
}

/// Host 0 is the unspecified address, hosts from 200 are on another subnet.
template <Family F>
typename F::Address host(std::uint8_t n) {
  if (n == 0) return {};
  return address<F>(n < 200 ? 20 : 10, n);
}

template <Family F>
Settings<F> read_settings(Reader& in) {
  Settings<F> s;
  s.version = static_cast<typename F::Version>(in.within(1, static_cast<int>(F::kNewest)));
  s.robustness = *Robustness::from(in.within(1, 7));
  s.query_interval = *QueryInterval::from(Duration{1s} * (1 + in.number() % 31'744));
  s.startup_count = *StartupCount::from(in.within(1, 100));
  s.startup_interval = *StartupInterval::from(Duration{100ms} * (1 + in.octet()));
  s.jitter = *Jitter::from(in.within(0, 90));
  const auto flags = in.octet();
  s.proxy = (flags & 1U) != 0;
  s.require_same_subnet = (flags & 2U) != 0;
  s.accept_unicast_query = (flags & 4U) != 0;
  if ((flags & 8U) != 0) s.other_querier_interval = OtherQuerierInterval::from(300s);
  return s;
}

template <Family F>
QueryHeard<F> read_query(Reader& in) {
  QueryHeard<F> heard;
  heard.source = host<F>(in.octet());
  const auto flags = in.octet();
  heard.destination = F::kAllNodes;
  if ((flags & 1U) != 0) heard.destination = host<F>(9);
  if ((flags & 2U) != 0) heard.destination = address<F>(0xff, 9);
  if ((flags & 4U) != 0) heard.query.group = address<F>(0xef, 9);
  heard.query.suppress = (flags & 8U) != 0;
  const int version = flags >> 6U;
  heard.query.version = version == 0 ? F::kNewest : static_cast<typename F::Version>(version);
  heard.query.max_response = wire::TimeCode8::decode(in.octet()) * Duration{100ms};
  heard.query.query_interval = wire::TimeCode8::decode(in.octet()) * Duration{1s};
  heard.query.robustness = in.octet() & 7U;
  return heard;
}

template <Family F>
Link<F> read_link(Reader& in) {
  const auto flags = in.octet();
  Link<F> link{.up = (flags & 1U) != 0, .self = host<F>(in.octet())};
  if ((flags & 2U) != 0) link.subnets.push_back({address<F>(20, 0), 8});
  return link;
}

/// The querier under test, and what must hold after every step whatever the events are.
template <Family F>
class Watched {
 public:
  explicit Watched(Settings<F> settings) : settings_(settings), querier_(settings, Random{1}) {}

  TimePoint deadline() const { return querier_.deadline(); }

  void tick(TimePoint now) {
    const auto before = deadline();
    const auto actions = step(Tick{}, now);
    if (now < before) {
      require(actions.empty() && deadline() == before, "a tick too early changes nothing");
      return;
    }
    require(deadline() > now, "a tick moves the deadline into the future");
    if (sends(actions) == 0) return;
    require(now - last_timed_query_ >= 100ms, "timed queries are at least 100 ms apart");
    last_timed_query_ = now;
  }
  void hear(const QueryHeard<F>& heard, TimePoint now) {
    const auto before = deadline();
    const auto actions = step(heard, now);
    require(sends(actions) == 0, "hearing a query sends nothing");
    if (heard.query.is_general()) return;
    require(actions.empty() && deadline() == before, "a specific query changes nothing");
  }
  void set_link(const Link<F>& link, TimePoint now) {
    link_ = link;
    step(LinkChanged<F>{link}, now);
  }
  void configure(const Settings<F>& settings, TimePoint now) {
    settings_ = settings;
    step(SettingsChanged<F>{settings}, now);
  }

 private:
  Actions<F> step(const Event<F>& event, TimePoint now) {
    const auto role_before = querier_.role();
    const bool was_ahead = deadline() > now;
    auto actions = querier_.step(event, now);
    require(actions.size() <= 3, "one event brings few actions");
    require(sends(actions) <= 1, "one event brings one query at most");
    require(!was_ahead || deadline() > now, "a deadline ahead stays ahead");
    int changes = 0;
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<SendQuery<F>>(&action)) check_query(*send);
      if (const auto* change = std::get_if<RoleChanged<F>>(&action)) {
        ++changes;
        require(change->to == querier_.role() && change->querier == querier_.querier(),
                "a change of role is told as it is");
      }
    }
    require(changes == (querier_.role() == role_before ? 0 : 1),
            "every change of role is told once");
    check_role();
    return actions;
  }

  static std::size_t sends(const Actions<F>& actions) {
    std::size_t count = 0;
    for (const auto& action : actions) count += std::holds_alternative<SendQuery<F>>(action);
    return count;
  }

  void check_query(const SendQuery<F>& send) const {
    require(querier_.role() == Role::kQuerier, "only the querier asks");
    require(send.destination == F::kAllNodes && send.query.is_general() &&
                send.query.sources.empty() && !send.query.suppress,
            "what it asks is a General Query to all nodes");
    require(send.query.version == settings_.version, "it asks in the version it is set to");
    require(send.source == (settings_.proxy ? typename F::Address{} : link_.self),
            "it asks from its own address, and from none only as a proxy");
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
    require(settings_.proxy || querier_.querier() < link_.self,
            "it yields to lower addresses only");
  }

  Settings<F> settings_;
  Querier<F> querier_;
  Link<F> link_;
  TimePoint last_timed_query_{-1h};
};

template <Family F>
void run(Reader in) {
  Watched<F> querier{read_settings<F>(in)};
  TimePoint now{};
  while (!in.empty() && now < kEnd) {
    switch (in.octet() % 6) {
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
        querier.hear(read_query<F>(in), now);
        break;
      case 4:
        querier.set_link(read_link<F>(in), now);
        break;
      case 5:
        querier.configure(read_settings<F>(in), now);
        break;
    }
  }
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcq::fuzz::Reader in{{data, size}};
  if (in.octet() % 2 == 0) {
    mcq::fuzz::run<mcq::Igmp>(in);
  } else {
    mcq::fuzz::run<mcq::Mld>(in);
  }
  return 0;
}
