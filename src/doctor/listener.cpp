#include "doctor/listener.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "diagnose/capture_reader.hpp"
#include "os/clock.hpp"
#include "os/frame_socket.hpp"
#include "os/system_error.hpp"

namespace mcq::doctor {

namespace {

constexpr int kBatch = 256;  ///< frames of one interface before those of the others

}  // namespace

struct Listener::Lan {
  Lan(std::string interface, os::FrameSocket opened)
      : name(std::move(interface)), socket(std::move(opened)) {}

  /// Takes the frames that are queued. Fails when the interface is down or gone.
  Result<Ok> receive(Duration at) {
    for (int i = 0; i < kBatch; ++i) {
      const auto frame = socket.receive();
      if (!frame) return fail(name + ": " + frame.error().message);
      if (!*frame) break;
      reader.received(++frames, at, **frame);
    }
    return Ok{};
  }

  std::string name;
  os::FrameSocket socket;
  diagnose::CaptureReader reader{wire::LinkLayer::kEthernet, Duration{}};
  std::uint64_t frames = 0;
  bool is_over = false;  ///< the interface is down or gone
};

Listener::Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

Result<Ok> Listener::add(const std::string& name, int index) {
  auto socket = os::FrameSocket::open(index);
  if (!socket) return fail(socket.error());
  lans_.push_back(std::make_unique<Lan>(name, std::move(*socket)));
  return Ok{};
}

bool Listener::is_over() const {
  return std::all_of(lans_.begin(), lans_.end(), [](const auto& lan) { return lan->is_over; });
}

Result<Ok> Listener::run(Duration time) {
  const auto start = os::now();
  if (begin_ == kNever) begin_ = start;
  const auto end = start + time;
  std::vector<pollfd> sockets;
  for (const auto& lan : lans_) {
    sockets.push_back({lan->is_over ? -1 : lan->socket.fd(), POLLIN, 0});
  }
  for (auto now = start; now < end; now = os::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    const int ready = ::poll(sockets.data(), sockets.size(), static_cast<int>(left.count()));
    if (ready < 0) return errno == EINTR ? Result<Ok>{Ok{}} : os::system_failure("cannot wait");
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      if (auto done = lans_[i]->receive(os::now() - begin_); !done) {
        lans_[i]->is_over = true;
        return done;
      }
    }
  }
  return Ok{};
}

Duration Listener::listened() const { return begin_ == kNever ? Duration{} : os::now() - begin_; }

std::size_t Listener::take_lost() {
  std::size_t all = 0;
  for (const auto& lan : lans_) all += lan->socket.take_lost();
  return all;
}

std::vector<diagnose::LanEvidence> Listener::evidence() const {
  std::vector<diagnose::LanEvidence> all;
  for (const auto& lan : lans_) {
    diagnose::LanEvidence evidence;
    evidence.interface = lan->name;
    evidence.igmp.protocol = "IGMP";
    evidence.mld.protocol = "MLD";
    for (auto& link : lan->reader.evidence(listened())) {
      link.interface = lan->name;
      auto& place = link.vlan                 ? evidence.tagged.emplace_back()
                    : link.protocol == "IGMP" ? evidence.igmp
                                              : evidence.mld;
      place = std::move(link);
    }
    evidence.igmp.interface = evidence.mld.interface = lan->name;
    evidence.igmp.observed = evidence.mld.observed = listened();
    all.push_back(std::move(evidence));
  }
  return all;
}

}  // namespace mcq::doctor
