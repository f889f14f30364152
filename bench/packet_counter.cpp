// packet_counter: reads the IGMP packets of an interface and does nothing else with them. What it
// costs is the least that a program which hears them can cost; the daemon is measured against it.

#include <net/if.h>
#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>

#include "os/packet_socket.hpp"

int main(int argc, char** argv) {
  const auto index = argc == 2 ? ::if_nametoindex(argv[1]) : 0;
  if (index == 0) {
    std::fprintf(stderr, "usage: packet_counter INTERFACE; counts until SIGTERM\n");
    return 2;
  }
  auto socket =
      mcq::os::PacketSocket::open<mcq::Igmp>(static_cast<int>(index), mcq::os::Traffic::kFromLink);
  if (!socket) {
    std::fprintf(stderr, "packet_counter: %s\n", socket.error().message.c_str());
    return 1;
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
  std::printf("ready\n");
  std::fflush(stdout);
  std::uint64_t packets = 0;
  std::array<std::uint8_t, 2048> buffer;
  std::array<pollfd, 2> readable{
      {{socket->fd(), POLLIN, 0}, {::signalfd(-1, &stop, SFD_CLOEXEC), POLLIN, 0}}};
  while (readable[1].revents == 0) {
    ::poll(readable.data(), readable.size(), -1);
    while (socket->receive(buffer)) ++packets;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(packets));
}
