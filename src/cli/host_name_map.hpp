#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "os/host_names.hpp"

namespace mcq::cli {

/// Names of hosts by address, safe for a terminal. Addresses without a name are not in it.
using HostNameMap = std::map<std::string, std::string>;

/// All names together may take so long.
inline constexpr std::chrono::milliseconds kNamePatience{300};

/// Looks up the names that the system's resolver has in time.
HostNameMap look_up_names(const std::vector<std::string>& addresses,
                          os::HostNames::Resolve resolve = os::resolve_host_name,
                          std::chrono::milliseconds patience = kNamePatience);

/// The name of an address; empty when there is none.
std::string name_of(const std::string& address, const HostNameMap& names);

/// "192.168.1.20 (tv.lan)", or the address alone.
std::string with_name(const std::string& address, const HostNameMap& names);

void declare_numeric(CLI::App& command, bool& numeric);

}  // namespace mcq::cli
