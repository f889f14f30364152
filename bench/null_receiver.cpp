// null_receiver: reads and counts the reports that the daemon would receive, and does nothing else
// with them. What it costs is the least that a program that receives them can cost; the daemon is
// measured against it. Through the daemon's own kind of socket, read in the daemon's way, or, with
// --plain, through one that hands out a packet for each system call.

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <utility>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "instance/coalescing_reader.hpp"
#include "os/packet_socket.hpp"
#include "process/fd_watcher.hpp"

namespace {

using mcq::Family;
using mcq::instance::CoalescingReader;
using mcq::os::PacketSocket;
using mcq::os::Traffic;

constexpr std::size_t kPacketsPerTurn = 256;

struct Options {
  std::string interface = "eth0";
  bool mld = false, plain = false, queries = false;
};

std::uint64_t g_packets = 0, g_turns = 0;
std::array<std::uint8_t, 65536> g_buffer;

int failure(const std::string& what) {
  std::fprintf(stderr, "null_receiver: cannot %s: %s\n", what.c_str(), std::strerror(errno));
  return 1;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void print() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf("{\"packets\": %llu, \"turns\": %llu, \"cpu\": %.6f}\n",
              static_cast<unsigned long long>(g_packets), static_cast<unsigned long long>(g_turns),
              seconds(used.ru_utime) + seconds(used.ru_stime));
  std::fflush(stdout);
}

/// Until SIGTERM; SIGUSR1 asks how many so far.
void run(boost::asio::io_context& io) {
  boost::asio::signal_set signals{io, SIGTERM, SIGUSR1};
  const std::function<void()> listen = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      print();
      if (signal == SIGTERM) return io.stop();
      listen();
    });
  };
  listen();
  print();
  io.run();
}

CoalescingReader::Found take(PacketSocket& socket) {
  std::size_t taken = 0;
  while (taken < kPacketsPerTurn && socket.receive(g_buffer)) ++taken;
  g_packets += taken;
  ++g_turns;
  const bool is_much = taken >= std::min(kPacketsPerTurn, socket.capacity() / 8);
  return is_much ? CoalescingReader::Found::kMuch : CoalescingReader::Found::kAll;
}

/// The sender's address is asked for, as whoever serves a LAN would.
void drain(int fd) {
  sockaddr_ll from{};
  socklen_t size = sizeof from;
  while (::recvfrom(fd, g_buffer.data(), g_buffer.size(), 0, reinterpret_cast<sockaddr*>(&from),
                    &size) >= 0) {
    ++g_packets;
  }
  ++g_turns;
}

template <Family F>
int plain_socket(int index) {
  const int fd = ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto filter = mcq::os::packet_filter<F>(Traffic::kReports);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  packet_mreq membership{};
  membership.mr_ifindex = index;
  membership.mr_type = PACKET_MR_ALLMULTI;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  constexpr std::uint16_t kProtocol = std::same_as<F, mcq::Igmp> ? ETH_P_IP : ETH_P_IPV6;
  address.sll_protocol = htons(kProtocol);
  address.sll_ifindex = index;
  const bool is_open =
      fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
      ::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0 &&
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_open ? fd : -1;
}

template <Family F>
int count(const Options& options, int index) {
  boost::asio::io_context io{1};
  if (options.plain) {
    const int fd = plain_socket<F>(index);
    if (fd < 0) return failure("open a plain socket");
    const mcq::process::FdWatcher readable{io, fd, [fd] { drain(fd); }};
    run(io);
    return 0;
  }
  auto socket = options.queries
                    ? PacketSocket::open<F>(index, Traffic::kQueries, PacketSocket::kSmallBuffer)
                    : PacketSocket::open<F>(index, Traffic::kReports, PacketSocket::kLargeBuffer);
  const auto joined = socket ? socket->join(index) : mcq::Result<mcq::Ok>{mcq::fail("")};
  if (!joined) return failure("open the daemon's kind of socket");
  const CoalescingReader reader{io, socket->fd(), [&] { return take(*socket); }};
  run(io);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"counts reports until SIGTERM"};
  app.add_option("--interface", options.interface)->capture_default_str();
  app.add_flag("--mld", options.mld, "MLD instead of IGMP");
  app.add_flag("--queries", options.queries, "queries instead of reports");
  app.add_flag("--plain", options.plain, "one system call a packet");
  CLI11_PARSE(app, argc, argv);
  const auto index = static_cast<int>(::if_nametoindex(options.interface.c_str()));
  if (index == 0) return failure("find " + options.interface);
  return options.mld ? count<mcq::Mld>(options, index) : count<mcq::Igmp>(options, index);
}
