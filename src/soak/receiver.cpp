#include "soak/receiver.hpp"

#include <algorithm>
#include <array>

#include "os/clock.hpp"

namespace mcq::soak {
namespace {

/// Time before the end at which a dead stream is joined again.
Duration last_try(const Plan& plan) { return std::min<Duration>(5s, plan.duration / 5); }

}  // namespace

Result<Receiver> Receiver::open(const Options& options, TimePoint now) {
  // Before the join, so that its report is seen.
  auto observer = MembershipObserver::open(options.group.address, options.group.interface_index);
  auto socket = os::MulticastReceiver::open(options.group, options.takes_own);
  if (!socket) return fail(std::move(socket).error());
  return Receiver{options, *std::move(socket), std::move(observer), now};
}

std::vector<int> Receiver::fds() const {
  std::vector<int> all{socket_.fd()};
  if (observer_) {
    for (const auto fd : observer_->fds()) all.push_back(fd);
  }
  return all;
}

TimePoint Receiver::end() const {
  if (!measurement_.has_begun()) return joined_ + options_.duration.value_or(Plan{}.duration);
  const auto planned = measurement_.planned_end() + kGrace;
  const auto first = measurement_.first();
  return options_.duration ? std::min(planned, first + *options_.duration) : planned;
}

void Receiver::step(TimePoint now) {
  if (observer_) observer_->read(measurement_);
  std::array<std::uint8_t, 2048> buffer{};
  for (int i = 0; i < 1000; ++i) {
    const auto got = socket_.receive(buffer);
    if (!got) break;
    if (const auto packet = parse_packet(got->bytes)) {
      measurement_.received(*packet, got->sender, os::now());
    } else {
      measurement_.received_foreign(got->sender);
    }
  }
  measurement_.dropped(socket_.dropped());
  join_again_if_dead(now);
}

void Receiver::join_again_if_dead(TimePoint now) {
  if (measurement_.has_rejoined() || !measurement_.is_silent(now)) return;
  const auto plan_ends = std::min(end(), measurement_.planned_end());
  if (now < plan_ends - last_try(measurement_.plan())) return;
  if (socket_.join_again()) measurement_.rejoined(now);
}

}  // namespace mcq::soak
