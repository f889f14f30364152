#include "cli/host_name_map.hpp"

#include <utility>

#include "base/ip_address.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr std::size_t kThreads = 16;

}  // namespace

HostNameMap look_up_names(const std::vector<std::string>& addresses, os::HostNames::Resolve resolve,
                          std::chrono::milliseconds patience) {
  os::HostNames names{std::move(resolve), {.addresses = addresses.size(), .threads = kThreads}};
  std::map<std::string, IpAddress> wanted;
  for (const auto& text : addresses) {
    if (const auto address = parse_address(text)) wanted.emplace(text, *address);
  }
  for (const auto& one : wanted) static_cast<void>(names.find(one.second));
  names.wait(patience);
  HostNameMap found;
  for (const auto& [text, address] : wanted) {
    if (auto name = printable(names.find(address)); !name.empty())
      found.emplace(text, std::move(name));
  }
  return found;
}

std::string name_of(const std::string& address, const HostNameMap& names) {
  const auto found = names.find(address);
  return found == names.end() ? "" : found->second;
}

std::string with_name(const std::string& address, const HostNameMap& names) {
  const auto name = name_of(address, names);
  return name.empty() ? address : address + " (" + name + ")";
}

void declare_numeric(CLI::App& command, bool& numeric) {
  command.add_flag("-n,--numeric", numeric, "do not look up the names of hosts");
}

}  // namespace mcq::cli
