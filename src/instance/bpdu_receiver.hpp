#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/event_loop.hpp"
#include "base/time.hpp"
#include "instance/coalescing_reader.hpp"
#include "os/bpdu_socket.hpp"

namespace mcq::instance {

/// Receives the spanning tree frames of all interfaces that announce a change of the topology.
/// Frames wake the process about once in kPause, however many there are: more than one read can
/// take, or the socket can hold, are lost.
class BpduReceiver {
 public:
  static constexpr Duration kPause = 2s;  ///< a bridge announces a change every 2 s
  using OnBpdu = std::function<void(const os::Packet& frame, TimePoint now)>;

  BpduReceiver(boost::asio::io_context& io, OnBpdu on_bpdu)
      : io_(io), on_bpdu_(std::move(on_bpdu)) {}
  BpduReceiver(const BpduReceiver&) = delete;
  BpduReceiver& operator=(const BpduReceiver&) = delete;

  /// Opens the socket, or closes it. Fails when it cannot be opened; call again to try again.
  Result<Ok> listen(bool listens);

 private:
  CoalescingReader::Found read();

  boost::asio::io_context& io_;
  OnBpdu on_bpdu_;
  std::optional<os::BpduSocket> socket_;
  std::optional<CoalescingReader> reader_;
};

}  // namespace mcq::instance
