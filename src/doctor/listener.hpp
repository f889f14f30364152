#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "diagnose/survey.hpp"

namespace mcq::doctor {

/// Receives the multicast of some interfaces, and sends nothing.
class Listener {
 public:
  Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  /// Starts with an interface. Requires CAP_NET_RAW.
  Result<Ok> add(const std::string& name, int index);
  /// Whether no interface is left to listen to.
  bool is_over() const;

  /// Receives for `time`, or until a signal. Fails once for each interface that is down or gone;
  /// call it again for the others.
  Result<Ok> run(Duration time);
  /// What was received since the first run() began.
  std::vector<diagnose::LanEvidence> evidence() const;
  Duration listened() const;
  /// Returns the number of frames that were lost for lack of room since the last call.
  std::size_t take_lost();

 private:
  struct Lan;
  std::vector<std::unique_ptr<Lan>> lans_;
  TimePoint begin_ = kNever;
};

}  // namespace mcq::doctor
