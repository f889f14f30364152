#include "os/clock.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

timespec to_timespec(Duration time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  timespec result{};
  result.tv_sec = static_cast<std::time_t>(seconds.count());
  result.tv_nsec = static_cast<long>((time - seconds).count());
  return result;
}

}  // namespace

TimePoint now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return TimePoint{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

std::chrono::system_clock::time_point wall_clock_now() { return std::chrono::system_clock::now(); }

Result<Timer> Timer::create() {
  Fd fd{::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)};
  if (fd.get() < 0) return system_failure("cannot create a timer");
  return Timer{std::move(fd)};
}

void Timer::arm(TimePoint deadline) {
  if (deadline == deadline_) return;
  deadline_ = deadline;
  itimerspec spec{};  // all zero disarms
  if (deadline != kNever) {
    spec.it_value = to_timespec(std::max(deadline.time_since_epoch(), Duration{1}));
  }
  ::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Timer::acknowledge() {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const auto size = ::read(fd_.get(), &expirations, sizeof expirations);
  deadline_ = kNever;
}

}  // namespace mcq::os
