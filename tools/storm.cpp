// mcast-storm: puts reports, leaves or a stream on a link, as fast as a processor can or at a
// steady rate, and prints what it has done as one line of JSON. What it sends is made before it
// begins. The lab and the benchmarks use it; nothing installs it.

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "frames.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using mcq::tools::Frames;
using mcq::tools::Kind;
using mcq::tools::Load;

constexpr std::size_t kBatch = 64;
constexpr auto kMaxDelay = std::chrono::milliseconds{5};
constexpr std::uint64_t kMaxPackets = 100'000'000;
constexpr std::uint32_t kMaxGroups = 4'000'000;

struct Options {
  std::string interface = "eth0";
  Load load;
  std::uint64_t packets = 0;  ///< 0: each frame once
  double rate = 0;            ///< packets a second; 0: as fast as it goes
  double seconds = 0;         ///< after which it ends; 0: only after so many packets
};

struct Sent {
  std::uint64_t packets = 0, refused = 0;
};

double parse_rate(const std::string& text) {
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (text == "max") return 0;
  if (error != std::errc{} || end != text.data() + text.size() || rate < 1) {
    throw CLI::ValidationError("--rate", "'" + text + "' is neither packets a second nor max");
  }
  return rate;
}

int packet_socket(const std::string& interface) {
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  const int yes = 1;
  const bool is_open = fd >= 0 && address.sll_ifindex != 0 &&
                       ::setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) == 0 &&
                       ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_open ? fd : -1;
}

/// Waits for the moment at which something is due. A delay is made up for, but a longer one, for
/// which this program has not been running, ends in no burst: the rest is due later.
void wait_for(Clock::time_point& start, std::chrono::duration<double> after) {
  const auto due = start + std::chrono::duration_cast<Clock::duration>(after);
  std::this_thread::sleep_until(due);
  const auto late = Clock::now() - due;
  if (late > kMaxDelay) start += late;
}

/// Sends in batches, each of them when it is due.
Sent send_all(int fd, const Frames& frames, const Options& options) {
  // At a low rate batches are small, so that packets come evenly and not in bursts.
  const auto batch =
      options.rate == 0
          ? kBatch
          : std::clamp<std::size_t>(static_cast<std::size_t>(options.rate / 2000), 1, kBatch);
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> places{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    messages[i].msg_hdr.msg_iov = &places[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>{options.seconds});
  Sent sent;
  std::size_t next = 0;
  for (std::uint64_t done = 0; done < options.packets;) {
    if (options.seconds > 0 && Clock::now() >= end) break;
    if (options.rate > 0) {
      wait_for(start, std::chrono::duration<double>{static_cast<double>(done) / options.rate});
    }
    const auto count = std::min<std::uint64_t>(batch, options.packets - done);
    for (std::size_t i = 0; i < count; ++i) {
      const auto frame = frames[(next + i) % frames.size()];
      places[i] = {const_cast<std::uint8_t*>(frame.data()), frame.size()};
    }
    const int taken = ::sendmmsg(fd, messages.data(), static_cast<unsigned>(count), 0);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno != ENOBUFS && errno != EAGAIN) break;
    const auto passed = taken > 0 ? static_cast<std::size_t>(taken) : 1U;
    (taken > 0 ? sent.packets : sent.refused) += passed;
    done += passed;
    next = (next + passed) % frames.size();
  }
  return sent;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

int parse(int argc, char** argv, Options& options) {
  CLI::App app{"puts IGMP, MLD or data on a link"};
  std::string rate = "max";
  auto& load = options.load;
  const std::map<std::string, Kind> kinds{{"2", Kind::kIgmp2},
                                          {"3", Kind::kIgmp3},
                                          {"mld1", Kind::kMld1},
                                          {"mld2", Kind::kMld2},
                                          {"data", Kind::kData}};
  app.add_option("--interface", options.interface)->capture_default_str();
  app.add_option("--version", load.kind, "2, 3, mld1, mld2, or data")
      ->transform(CLI::CheckedTransformer(kinds));
  app.add_option("--groups", load.groups)->check(CLI::Range(1U, kMaxGroups))->capture_default_str();
  app.add_option("--hosts", load.hosts, "that report them in turn")
      ->check(CLI::Range(1U, mcq::tools::kMaxHosts));
  app.add_option("--records", load.records, "groups in one report of IGMPv3 or MLDv2")
      ->check(CLI::Range(1, 70));
  app.add_option("--size", load.data_size, "bytes of data")->check(CLI::Range(12, 1472));
  app.add_flag("--leaves", load.leaves, "leave the groups");
  auto* packets = app.add_option("--packets", options.packets, "none: a report of each group");
  packets->check(CLI::Range(std::uint64_t{1}, kMaxPackets));
  app.add_option("--seconds", options.seconds, "for so long, whatever number of packets that is")
      ->check(CLI::Range(0.001, 3600.0))
      ->excludes(packets);
  app.add_option("--rate", rate, "packets a second, or max")->capture_default_str();
  try {
    app.parse(argc, argv);
    options.rate = parse_rate(rate);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? -1 : 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const int status = parse(argc, argv, options); status != 0) return status < 0 ? 0 : status;
  const int fd = packet_socket(options.interface);
  if (fd < 0) {
    std::fprintf(stderr, "mcast-storm: cannot send on '%s': %s\n", options.interface.c_str(),
                 std::strerror(errno));
    return 1;
  }
  const Frames frames{options.load};
  if (options.packets == 0) options.packets = options.seconds > 0 ? kMaxPackets : frames.size();
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto start = Clock::now();
  const auto sent = send_all(fd, frames, options);
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  ::getrusage(RUSAGE_SELF, &after);
  ::close(fd);
  const double cpu = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
                     seconds(before.ru_stime);
  std::printf(
      R"({"packets": %llu, "refused": %llu, "frames": %zu, "seconds": %.6f, "rate": %.0f, "cpu": %.6f})"
      "\n",
      static_cast<unsigned long long>(sent.packets), static_cast<unsigned long long>(sent.refused),
      frames.size(), elapsed, static_cast<double>(sent.packets) / elapsed, cpu);
  const bool is_over = options.seconds > 0 || sent.packets + sent.refused == options.packets;
  return is_over ? 0 : 1;
}
