#include "cli/confirm_pause.hpp"

#include <unistd.h>

#include <iostream>

#include "soak/duration_text.hpp"

namespace mcq::cli {

Result<Ok> confirm_pause(const std::string& interface, Duration longest, bool is_confirmed,
                         Streams io) {
  if (::geteuid() != 0) return fail("--without-querier needs root: run it with sudo");
  if (is_confirmed) return Ok{};
  if (::isatty(STDIN_FILENO) == 0) {
    return fail("--without-querier asks on a terminal: give --yes where there is none");
  }
  io.err << "igmp-querier will send no query on " << interface << " for up to "
         << soak::clock(longest) << ".\nStreams of other hosts on that LAN may stop too.\nType "
         << interface << " to go on: " << std::flush;
  std::string typed;
  std::getline(std::cin, typed);
  if (typed == interface) return Ok{};
  return fail("not confirmed: the daemon goes on, and nothing was measured");
}

}  // namespace mcq::cli
