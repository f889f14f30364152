#include "soak/session.hpp"

#include <poll.h>

#include <algorithm>
#include <vector>

#include "os/clock.hpp"
#include "os/system_error.hpp"

namespace mcq::soak {

mcq::Result<int> Session::run(os::StopSignals& signals) {
  while (true) {
    const auto now = os::now();
    if (sender_) sender_->step(now);
    if (receiver_) receiver_->step(now);
    if (sender_ && sender_->sent() == 0 && sender_->failed() > 0) {
      return fail(os::describe(sender_->error()));
    }
    notice(now);
    auto next = callbacks_.progress(*this, now);
    if (is_done(now)) return 0;
    if (const int signal = signals.take()) {
      if (sender_) sender_->end(now);
      return signal;
    }
    if (sender_) next = std::min({next, sender_->deadline(), sender_->end_of_plan()});
    wait(signals, std::min(next, now + 200ms));
  }
}

bool Session::is_done(TimePoint now) {
  if (sender_ && now >= sender_->end_of_plan()) sender_->end(now);
  return receiver_ ? receiver_->is_done(now) : sender_->is_ended();
}

void Session::notice(TimePoint now) {
  if (sender_) {
    notice_once(said_refused_, sender_->error() != 0,
                [&] { return "cannot send: " + os::describe(sender_->error()) + "; going on"; });
  }
  if (!receiver_) return;
  const auto& measurement = receiver_->measurement();
  notice_once(
      said_nothing_came_,
      !measurement.has_begun() && now - receiver_->joined() >= Receiver::kPatience, [] {
        return "nothing came in 5 s, still waiting: does 'igmp-querier soak send' run on this "
               "LAN, with the same group and port, and does a firewall here drop UDP";
      });
  notice_once(said_other_, measurement.other_sender().has_value(), [&] {
    return to_string(*measurement.other_sender()) +
           " sends a test stream to this group too; only the first one is measured";
  });
  notice_once(said_foreign_, measurement.foreign_sender().has_value(), [&] {
    return "packets of another program come from " + to_string(*measurement.foreign_sender()) +
           " to this group and port";
  });
}

void Session::notice_once(bool& said, bool when, const std::function<std::string()>& text) {
  if (said || !when) return;
  said = true;
  callbacks_.notice(text());
}

void Session::wait(const os::StopSignals& signals, TimePoint until) const {
  std::vector<pollfd> all{{.fd = signals.fd(), .events = POLLIN, .revents = 0}};
  if (receiver_) {
    for (const auto fd : receiver_->fds())
      all.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  }
  const auto left = std::max(until - os::now(), Duration{});
  const timespec time{.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
  ::ppoll(all.data(), all.size(), &time, nullptr);
}

}  // namespace mcq::soak
