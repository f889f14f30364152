#include "text/utc_time.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include "os/clock.hpp"

namespace mcq::text {

std::string utc_time() { return utc_time(os::wall_clock_now()); }

std::string utc_time(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (now - seconds).count());
}

}  // namespace mcq::text
