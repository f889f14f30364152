#include "os/stop_signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "os/system_error.hpp"

namespace mcq::os {

Result<StopSignals> StopSignals::open() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {  // NOLINT(concurrency-mt-unsafe)
    return system_failure("cannot block signals");
  }
  Fd fd{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (fd.get() < 0) return system_failure("cannot wait for signals");
  return StopSignals{std::move(fd)};
}

int StopSignals::take() {
  signalfd_siginfo signal{};
  if (::read(fd_.get(), &signal, sizeof signal) != sizeof signal) return 0;
  return static_cast<int>(signal.ssi_signo);
}

}  // namespace mcq::os
