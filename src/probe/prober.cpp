#include "probe/prober.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "os/clock.hpp"
#include "os/system_error.hpp"
#include "wire/frame.hpp"
#include "wire/packet.hpp"

namespace mcq::probe {
namespace {

constexpr std::size_t kLongestPacket = 65'535;

Failure<Error> failure(const char* what, int error) {
  return fail(std::string{what} + ": " + os::describe(error));
}

}  // namespace

mcq::Result<Prober> Prober::open(int interface_index, const Target& target,
                                 std::optional<Ipv4Address> group, Stop stop) {
  using os::PacketSocket;
  auto reports =
      PacketSocket::open<Igmp>(interface_index, os::Traffic::kReports, PacketSocket::kSmallBuffer);
  if (!reports) return fail(reports.error());
  auto queries =
      PacketSocket::open<Igmp>(interface_index, os::Traffic::kQueries, PacketSocket::kSmallBuffer);
  if (!queries) return fail(queries.error());
  if (const auto joined = reports->join(interface_index); !joined) return fail(joined.error());
  return Prober{*std::move(reports), *std::move(queries), interface_index, target, group,
                std::move(stop)};
}

mcq::Result<Ok> Prober::listen(Duration time) {
  asked_at_ = os::now();
  while (os::now() < asked_at_ + time && !witness_.querier() && !stop_()) {
    if (auto done = receive(asked_at_ + time); !done) return done;
  }
  return Ok{};
}

mcq::Result<Outcome> Prober::ask(const Case& asked, unsigned tries) {
  Outcome outcome{.asked = asked};
  if (asked.scope == Scope::kGroup) {
    outcome.group = witness_.group_to_ask();
    if (!outcome.group) return outcome;
  }
  for (; tries > 0 && !outcome.answer; --tries) {
    const auto query = make_query(asked, target_, outcome.group.value_or(Ipv4Address{}));
    witness_.asked(outcome.group);
    asked_at_ = os::now();
    const auto sent =
        reports_.send(query.packet, wire::ethernet_address(query.destination), {interface_index_});
    if (!sent) return failure("cannot send a query", sent.error());
    const auto until = asked_at_ + target_.max_response + kGrace;
    while (os::now() < until && !stop_()) {
      if (const auto done = receive(until); !done) return fail(done.error());
    }
    outcome.answer = witness_.answer();
    outcome.quieted_by = witness_.quieted_by();
    if (!outcome.answer && stop_()) return Outcome{.asked = asked, .group = outcome.group};
  }
  using enum Reaction;
  outcome.reaction = outcome.answer ? kAnswered : outcome.quieted_by ? kUnclear : kSilent;
  return outcome;
}

/// Waits until then for packets, and handles those that are there.
mcq::Result<Ok> Prober::receive(TimePoint until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - os::now()).count();
  std::array<pollfd, 2> polled{pollfd{reports_.fd(), POLLIN, 0}, pollfd{queries_.fd(), POLLIN, 0}};
  const auto ready =
      ::poll(polled.data(), polled.size(), static_cast<int>(std::max<decltype(left)>(left, 0)));
  if (ready < 0 && errno != EINTR) return os::system_failure("cannot wait for answers");
  if (ready <= 0) return Ok{};
  if (auto done = read(reports_); !done) return done;
  return read(queries_);
}

mcq::Result<Ok> Prober::read(os::PacketSocket& socket) {
  std::array<std::uint8_t, kLongestPacket> buffer;
  for (;;) {
    const auto received = socket.receive(buffer);
    if (!received) {
      if (received.error() == EAGAIN) return Ok{};
      return failure("cannot receive answers", received.error());
    }
    if (const auto packet = wire::parse_packet<Igmp>(received->bytes)) {
      witness_.heard(*packet, os::now() - asked_at_);
    }
  }
}

}  // namespace mcq::probe
