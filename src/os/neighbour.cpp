#include "os/neighbour.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "os/fd.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr in_port_t kDiscard = 9;

/// A socket that sends to `host`.
Result<Fd> connected(const Ipv4Address& host) {
  Fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a socket");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kDiscard);
  std::memcpy(&to.sin_addr, host.bytes.data(), host.bytes.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return system_failure("no route to " + to_string(host));
  }
  return fd;
}

}  // namespace

void seek_neighbour(const Ipv4Address& host) {
  if (const auto fd = connected(host)) ::send(fd->get(), nullptr, 0, MSG_NOSIGNAL);
}

bool is_neighbour_known(const Ipv4Address& host, const std::string& interface) {
  // proc(5): IP address, HW type, Flags, HW address, Mask, Device, below a heading.
  constexpr unsigned kComplete = 0x2;  // ATF_COM
  std::ifstream table{"/proc/net/arp"};
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream fields{line};
    std::string address, type, mac, mask, device;
    unsigned flags = 0;
    fields >> address >> type >> std::hex >> flags >> mac >> mask >> device;
    if (fields && address == to_string(host) && device == interface && (flags & kComplete) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace mcq::os
