#pragma once

#include <functional>
#include <optional>
#include <string>

#include "os/stop_signals.hpp"
#include "soak/receiver.hpp"
#include "soak/sender.hpp"

namespace mcq::soak {

/// A sender, a receiver, or both on one host, until they are done or a signal comes.
class Session {
 public:
  struct Callbacks {
    /// Something that the user should know at once.
    std::function<void(const std::string&)> notice{};
    /// Called now and then; returns when it wants to be called again.
    std::function<TimePoint(const Session& session, TimePoint now)> progress{};
  };

  Session(std::optional<Sender> sender, std::optional<Receiver> receiver, Callbacks callbacks)
      : sender_(std::move(sender)),
        receiver_(std::move(receiver)),
        callbacks_(std::move(callbacks)) {}

  /// Returns the signal that ended it; 0 without. Fails when the first packet cannot be sent.
  mcq::Result<int> run(os::StopSignals& signals);

  const std::optional<Sender>& sender() const { return sender_; }
  const std::optional<Receiver>& receiver() const { return receiver_; }

 private:
  bool is_done(TimePoint now);
  void notice(TimePoint now);
  void notice_once(bool& said, bool when, const std::function<std::string()>& text);
  void wait(const os::StopSignals& signals, TimePoint until) const;

  std::optional<Sender> sender_;
  std::optional<Receiver> receiver_;
  Callbacks callbacks_;
  bool said_nothing_came_ = false, said_other_ = false, said_foreign_ = false,
       said_refused_ = false;
};

}  // namespace mcq::soak
