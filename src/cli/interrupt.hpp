#pragma once

#include <atomic>
#include <csignal>

namespace mcq::cli {

/// While it exists, SIGINT sets a flag and interrupts system calls instead of ending the program,
/// so that a command can print what it knows. A second SIGINT ends the program.
class Interrupt {
 public:
  Interrupt() {
    flag_ = false;
    struct sigaction action {};
    action.sa_handler = [](int) { flag_ = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART
    ::sigaction(SIGINT, &action, &before_);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() { ::sigaction(SIGINT, &before_, nullptr); }

  static bool occurred() { return flag_; }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "set by a signal handler");
  inline static std::atomic<bool> flag_ = false;
  struct sigaction before_ {};
};

}  // namespace mcq::cli
