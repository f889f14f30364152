#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "diagnose/survey.hpp"

namespace mcq::doctor {

/// Where the kernel describes itself in files.
struct KernelFiles {
  std::string proc = "/proc";
  std::string sys = "/sys";
};

/// Reads what this host is: interfaces, joined groups, routes, limits. Requires no privilege. Fails
/// when the interfaces cannot be listed.
Result<diagnose::Survey> read_host(const KernelFiles& files = {});

/// The groups that programs have joined on an interface, from the text of /proc/net/igmp.
std::vector<IpAddress> joined_groups4(const std::string& text, const std::string& interface);
/// From the text of /proc/net/igmp6.
std::vector<IpAddress> joined_groups6(const std::string& text, const std::string& interface);
/// The number of UDP packets that were dropped for lack of room, from /proc/net/snmp.
std::uint64_t receive_buffer_errors(const KernelFiles& files = {});

}  // namespace mcq::doctor
