#include "cli/soak_settings.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "base/printable.hpp"
#include "cli/soak.hpp"
#include "os/interface_watcher.hpp"
#include "soak/duration_text.hpp"

namespace mcq::cli {
namespace {

constexpr Duration kLongestPause = 1h, kAfterEnd = 5s;
constexpr Duration kDefaultEvery = 1min, kMinEvery = 100ms;

/// Fails when an option is given that has no meaning for what is to be done.
Result<Ok> check_combination(const Soak& o) {
  if (o.mode.empty() == o.between.empty()) {
    return fail("give send, receive or --between NAME NAME; see igmp-querier soak --help");
  }
  if (!o.between.empty() && !o.interface.empty())
    return fail("--between names both interfaces: omit -i");
  if (!o.between.empty() && o.between[0] == o.between[1]) {
    return fail("--between needs two interfaces, not " + printable(o.between[0]) + " twice");
  }
  if (o.mode == "receive" && o.rate) return fail("--rate is an option of send");
  if (o.yes && !o.without_querier) return fail("--yes belongs to --without-querier");
  if (o.mode == "send" && o.report) return fail("--report is an option of receive");
  return Ok{};
}

Result<Duration> duration(const std::string& option, const std::string& text, Duration least,
                          Duration most) {
  const auto parsed = soak::parse_duration(text);
  if (parsed && *parsed >= least && *parsed <= most) return *parsed;
  return fail(fmt::format("{} is '{}', but must be {:g} s to {} hours, as in 600, 90s, 10m or 1h",
                          option, printable(text), std::chrono::duration<double>(least).count(),
                          most / 1h));
}

Result<IpAddress> group_of(const std::string& text) {
  const auto address = parse_address(text);
  if (address && std::visit([](const auto& a) { return is_multicast(a); }, *address))
    return *address;
  return fail("the group is '" + printable(text) +
              "', but must be in 224.0.0.0/4 or ff00::/8, such as 239.255.77.77");
}

Result<SoakSettings::Interface> interface_of(const os::InterfaceWatcher& watcher,
                                             const std::string& name) {
  const auto* found = name.empty() ? watcher.default_route() : watcher.find(name);
  if (found == nullptr) {
    std::string all;
    for (const auto& [index, interface] : watcher.interfaces()) {
      if (interface.ethernet) all += (all.empty() ? "" : ", ") + interface.name;
    }
    const auto there = all.empty() ? "there is no Ethernet interface" : "there are " + all;
    return fail(name.empty()
                    ? "no default route leads over an Ethernet interface: name one with -i; " +
                          there
                    : "no interface '" + printable(name) + "': " + there);
  }
  if (!found->up) return fail(found->name + " is down: plug in its cable, or ip link set it up");
  return SoakSettings::Interface{found->name, found->index};
}

Result<Ok> find_interfaces(SoakSettings& made, const Soak& o) {
  const auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(watcher.error());
  const auto find = [&](const std::string& name, auto& where) -> Result<Ok> {
    auto found = interface_of(*watcher, name);
    if (!found) return fail(std::move(found).error());
    where = *std::move(found);
    return Ok{};
  };
  const bool is_between = !o.between.empty();
  if (is_between || o.mode == "send") {
    if (auto ok = find(is_between ? o.between[0] : o.interface, made.send_on); !ok) return ok;
  }
  if (is_between || o.mode == "receive") {
    return find(is_between ? o.between[1] : o.interface, made.receive_on);
  }
  return Ok{};
}

}  // namespace

soak::Place SoakSettings::place() const {
  return {.interface = receive_on ? receive_on->name : "", .group = group, .port = port};
}

std::vector<std::string> SoakSettings::interfaces() const {
  std::vector<std::string> names;
  for (const auto& used : {send_on, receive_on}) {
    if (used) names.push_back(used->name);
  }
  return names;
}

Duration SoakSettings::longest() const {
  if (!send_on) return kLongestPause;  // the sender decides
  return std::min<Duration>(plan.duration + kAfterEnd, kLongestPause);
}

Result<SoakSettings> soak_settings(const Soak& o) {
  if (auto ok = check_combination(o); !ok) return fail(std::move(ok).error());
  SoakSettings made;
  made.port = o.port;
  auto group = group_of(o.group);
  if (!group) return fail(std::move(group).error());
  made.group = *group;
  if (o.rate) made.plan.rate = *o.rate;
  if (made.plan.rate < 1 || made.plan.rate > soak::kMaxRate) {
    return fail(fmt::format("--rate is {}, but must be 1 to {}", made.plan.rate, soak::kMaxRate));
  }
  if (o.duration) {
    auto time = duration("--duration", *o.duration, soak::kMinDuration, soak::kMaxDuration);
    if (!time) return fail(std::move(time).error());
    made.plan.duration = *time;
    if (o.mode == "receive") made.limit = *time;
  }
  if (o.without_querier && made.plan.duration > kLongestPause - kAfterEnd) {
    return fail("a daemon pauses for an hour at most: give a --duration of 59m or less");
  }
  auto every = o.every ? duration("--every", *o.every, kMinEvery, soak::kMaxDuration)
                       : Result<Duration>{kDefaultEvery};
  if (!every) return fail(std::move(every).error());
  made.every = *every;
  if (auto ok = find_interfaces(made, o); !ok) return fail(std::move(ok).error());
  return made;
}

}  // namespace mcq::cli
