// null_receiver: reads and counts the packets that the daemon would hear, and does nothing else
// with them. What it costs is the least that a program which hears them can cost; the daemon is
// measured against it. Through the daemon's own kind of socket, or, with --plain, through one that
// hands out a packet for each system call.

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "os/packet_socket.hpp"

namespace {

using mcq::Family;
using mcq::os::PacketSocket;

struct Options {
  std::string interface = "eth0";
  bool mld = false, plain = false;
};

int failure(const char* what) {
  std::fprintf(stderr, "null_receiver: cannot %s: %s\n", what, std::strerror(errno));
  return 1;
}

std::array<std::uint8_t, 2048> g_buffer;

/// All that waits in the daemon's kind of socket.
std::uint64_t drain(PacketSocket& socket) {
  std::uint64_t packets = 0;
  while (socket.receive(g_buffer)) ++packets;
  return packets;
}

/// All that waits in an ordinary one; the sender's address is asked for, as whoever serves a LAN
/// would.
std::uint64_t drain(int fd) {
  std::uint64_t packets = 0;
  sockaddr_ll from{};
  socklen_t size = sizeof from;
  while (::recvfrom(fd, g_buffer.data(), g_buffer.size(), 0, reinterpret_cast<sockaddr*>(&from),
                    &size) >= 0) {
    ++packets;
  }
  return packets;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void print(std::uint64_t packets, std::uint64_t wakeups) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf("{\"packets\": %llu, \"wakeups\": %llu, \"cpu\": %.6f}\n",
              static_cast<unsigned long long>(packets), static_cast<unsigned long long>(wakeups),
              seconds(used.ru_utime) + seconds(used.ru_stime));
  std::fflush(stdout);
}

/// Counts until SIGTERM; SIGUSR1 asks how many so far.
template <class Socket>
void count(Socket& socket, int fd) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int told = ::signalfd(-1, &signals, SFD_CLOEXEC);
  std::array<pollfd, 2> readable{{{fd, POLLIN, 0}, {told, POLLIN, 0}}};
  print(0, 0);
  std::uint64_t packets = 0, wakeups = 0;
  for (signalfd_siginfo signal{}; signal.ssi_signo != SIGTERM;) {
    ::poll(readable.data(), readable.size(), -1);
    ++wakeups;
    packets += drain(socket);
    if (readable[1].revents == 0) continue;
    if (::read(told, &signal, sizeof signal) != sizeof signal) return;
    print(packets, wakeups);
  }
}

/// A socket without a ring that has the filter, the interface and the membership of another.
int plain_socket(int index, bool mld, int original) {
  const int fd = ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  socklen_t length = 0;
  ::getsockopt(original, SOL_SOCKET, SO_GET_FILTER, nullptr, &length);
  std::vector<sock_filter> filter(length);
  if (filter.empty() ||
      ::getsockopt(original, SOL_SOCKET, SO_GET_FILTER, filter.data(), &length) != 0) {
    return -1;
  }
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  packet_mreq membership{};
  membership.mr_ifindex = index;
  membership.mr_type = PACKET_MR_ALLMULTI;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(mld ? ETH_P_IPV6 : ETH_P_IP);
  address.sll_ifindex = index;
  const bool is_open =
      ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
      ::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0 &&
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_open ? fd : -1;
}

template <Family F>
int run(const Options& options, int index) {
  auto socket =
      PacketSocket::open<F>(index, mcq::os::Traffic::kReports, PacketSocket::kLargeBuffer);
  if (socket) {
    if (auto joined = socket->join(index); !joined) socket = mcq::fail(joined.error());
  }
  if (!socket) {
    std::fprintf(stderr, "null_receiver: %s\n", socket.error().message.c_str());
    return 1;
  }
  if (!options.plain) {
    count(*socket, socket->fd());
    return 0;
  }
  int fd = plain_socket(index, options.mld, socket->fd());
  if (fd < 0) return failure("open a plain socket");
  {
    const auto closed = std::move(*socket);  // or the kernel would deliver everything twice
  }
  count(fd, fd);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"counts what it hears until SIGTERM"};
  app.add_option("--interface", options.interface)->capture_default_str();
  app.add_flag("--mld", options.mld, "MLD instead of IGMP");
  app.add_flag("--plain", options.plain, "one system call a packet");
  CLI11_PARSE(app, argc, argv);
  const auto index = static_cast<int>(::if_nametoindex(options.interface.c_str()));
  if (index == 0) return failure(("find " + options.interface).c_str());
  return options.mld ? run<mcq::Mld>(options, index) : run<mcq::Igmp>(options, index);
}
