#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace mcq::exporter {

/// Returns the names of the machine that the exporter accepts in a Host header without --host: its
/// host name, also in domains outside the public DNS, and its full names of /etc/hosts.
/// `hosts_file`, `resolver`: the contents of /etc/hosts and /etc/resolv.conf.
std::vector<std::string> own_names(const std::string& host_name, std::istream& hosts_file,
                                   std::istream& resolver);

/// The same for this machine, now.
std::vector<std::string> own_names();

}  // namespace mcq::exporter
