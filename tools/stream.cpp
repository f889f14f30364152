// mcast-stream: a multicast stream to watch. One side sends RTP packets at a steady rate, the other
// joins the group and prints how many arrive. The lab and the demo use it; nothing installs it.

#include <arpa/inet.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kCannotRun = 1;
constexpr int kWrongUsage = 2;
constexpr int kTtl = 4;
constexpr std::size_t kRtpHeaderSize = 12;
constexpr std::size_t kPacketSize = kRtpHeaderSize + 160;  // 20 ms of telephone-grade silence

constexpr const char* kUsage =
    "usage: mcast-stream send    -i IFACE -g GROUP -p PORT [--rate N] [--count N | --seconds S]\n"
    "       mcast-stream receive -i IFACE -g GROUP -p PORT [--every MS] [--seconds S]\n"
    "\n"
    "send     sends N packets per second (default 100) until --count or --seconds is reached,\n"
    "         then prints 'sent N'\n"
    "receive  joins GROUP and prints a line every MS milliseconds (default 1000): seconds since\n"
    "         the start, packets in this interval, packets in total\n"
    "\n"
    "both run until SIGINT or SIGTERM if nothing else ends them\n";

volatile std::sig_atomic_t g_stop = 0;

extern "C" void on_signal(int) noexcept { g_stop = 1; }

/// A multicast group of either family, and a port.
union Endpoint {
  sockaddr any{};
  sockaddr_in v4;
  sockaddr_in6 v6;
};

struct Options {
  bool send = false;
  std::string interface;
  int interface_index = 0;
  Endpoint group{};  ///< without its port
  std::uint16_t port = 0;
  std::int64_t rate = 100;
  std::optional<std::int64_t> count;
  milliseconds every{1000};
  std::optional<milliseconds> lifetime;
};

[[noreturn]] void quit(int status, const std::string& message) {
  std::fprintf(stderr, "mcast-stream: %s\n", message.c_str());
  std::exit(status);
}

[[noreturn]] void wrong_usage(const std::string& message) {
  quit(kWrongUsage, message + "; see mcast-stream --help");
}

[[noreturn]] void system_call_failed(const std::string& what) {
  quit(kCannotRun, what + ": " + std::strerror(errno));
}

std::string plain(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::size_t(std::snprintf(text.data(), text.size(), "%.12g", value))};
}

/// Reads a decimal number between `low` and `high`, or ends the program naming the option.
template <class Number>
Number number(std::string_view option, std::string_view text, Number low, Number high) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && low <= value && value <= high)
    return value;
  wrong_usage(std::string{option} + " is '" + std::string{text} + "', but must be " +
              plain(double(low)) + " to " + plain(double(high)));
}

Endpoint multicast_group(const char* text) {
  in_addr v4{};
  if (::inet_pton(AF_INET, text, &v4) == 1 && IN_MULTICAST(ntohl(v4.s_addr)))
    return {.v4 = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = v4, .sin_zero = {}}};
  in6_addr v6{};
  if (::inet_pton(AF_INET6, text, &v6) == 1 && v6.s6_addr[0] == 0xff)
    return {.v6 = {AF_INET6, 0, 0, v6, 0}};
  wrong_usage(std::string{"group is '"} + text +
              "', but must be 224.0.0.0 to 239.255.255.255, or within ff00::/8");
}

Options parse(int argc, char** argv) {
  enum { kRate = 256, kCount, kSeconds, kEvery };
  static constexpr std::array<option, 10> kLong{{{"interface", required_argument, nullptr, 'i'},
                                                 {"group", required_argument, nullptr, 'g'},
                                                 {"port", required_argument, nullptr, 'p'},
                                                 {"rate", required_argument, nullptr, kRate},
                                                 {"count", required_argument, nullptr, kCount},
                                                 {"seconds", required_argument, nullptr, kSeconds},
                                                 {"every", required_argument, nullptr, kEvery},
                                                 {"help", no_argument, nullptr, 'h'},
                                                 {nullptr, 0, nullptr, 0}}};
  Options options;
  std::optional<std::string_view> send_only, receive_only;
  opterr = 0;
  for (int c; (c = ::getopt_long(argc, argv, ":i:g:p:h", kLong.data(), nullptr)) != -1;) {
    switch (c) {
      case 'i':
        options.interface = optarg;
        break;
      case 'g':
        options.group = multicast_group(optarg);
        break;
      case 'p':
        options.port = number<std::uint16_t>("port", optarg, 1, 65535);
        break;
      case kRate:
        options.rate = number<std::int64_t>("--rate", optarg, 1, 1'000'000);
        send_only = "--rate";
        break;
      case kCount:
        options.count = number<std::int64_t>("--count", optarg, 1, 1'000'000'000'000);
        send_only = "--count";
        break;
      case kEvery:
        options.every = milliseconds{number<std::int64_t>("--every", optarg, 1, 3'600'000)};
        receive_only = "--every";
        break;
      case kSeconds:
        options.lifetime =
            milliseconds{std::int64_t(number<double>("--seconds", optarg, 0.001, 1e9) * 1000)};
        break;
      case 'h':
        std::fputs(kUsage, stdout);
        std::exit(0);
      case ':':
        wrong_usage(std::string{"option '"} + argv[optind - 1] + "' needs a value");
      default:
        wrong_usage(std::string{"unknown option '"} + argv[optind - 1] + "'");
    }
  }
  const std::string_view command = optind < argc ? argv[optind++] : "";
  if (optind < argc) wrong_usage(std::string{"unexpected argument '"} + argv[optind] + "'");
  if (command != "send" && command != "receive")
    wrong_usage("first argument must be 'send' or 'receive'");
  options.send = command == "send";
  const auto misplaced = options.send ? receive_only : send_only;
  if (misplaced)
    wrong_usage(std::string{*misplaced} + " does not belong to '" + std::string{command} + "'");
  if (options.interface.empty()) wrong_usage("-i IFACE is missing");
  if (options.group.any.sa_family == AF_UNSPEC) wrong_usage("-g GROUP is missing");
  if (options.port == 0) wrong_usage("-p PORT is missing");
  if (options.count && options.lifetime) wrong_usage("give --count or --seconds, not both");
  return options;
}

template <class Value>
void set_option(int fd, int level, int name, const Value& value, const std::string& what) {
  if (::setsockopt(fd, level, name, &value, sizeof value) < 0) system_call_failed(what);
}

bool is_v6(const Options& options) { return options.group.any.sa_family == AF_INET6; }

Endpoint endpoint(const Options& options) {
  auto address = options.group;
  if (is_v6(options)) {
    address.v6.sin6_port = htons(options.port);
    address.v6.sin6_scope_id = static_cast<std::uint32_t>(options.interface_index);
  } else {
    address.v4.sin_port = htons(options.port);
  }
  return address;
}

socklen_t size_of(const Endpoint& address) {
  return address.any.sa_family == AF_INET6 ? sizeof address.v6 : sizeof address.v4;
}

void send_through_the_interface(int fd, const Options& options) {
  const auto what = "cannot send on " + options.interface;
  if (is_v6(options)) {
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, options.interface_index, what);
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kTtl, "cannot set the hop limit");
  } else {
    const ip_mreqn interface {
      .imr_multiaddr = {}, .imr_address = {}, .imr_ifindex = options.interface_index
    };
    set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, interface, what);
    set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, kTtl, "cannot set the TTL");
  }
}

void join(int fd, const Options& options, const Endpoint& address) {
  const int level = is_v6(options) ? IPPROTO_IPV6 : IPPROTO_IP;
  const int all = is_v6(options) ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL;
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, int{1}, "cannot share the port");
  set_option(fd, level, all, int{0}, "cannot keep to one interface");
  if (::bind(fd, &address.any, size_of(address)) < 0)
    system_call_failed("cannot bind to port " + std::to_string(options.port));
  group_req membership{};
  membership.gr_interface = static_cast<std::uint32_t>(options.interface_index);
  std::memcpy(&membership.gr_group, &address, size_of(address));
  set_option(fd, level, MCAST_JOIN_GROUP, membership, "cannot join on " + options.interface);
}

/// A 20 ms G.711 RTP packet (RFC 3550 section 5.1); receivers number packets by bytes 2 and 3.
std::array<std::uint8_t, kPacketSize> rtp_packet(std::uint64_t number) {
  std::array<std::uint8_t, kPacketSize> packet{0x80, 0};
  const auto timestamp = static_cast<std::uint32_t>(number * 160);
  packet[2] = static_cast<std::uint8_t>(number >> 8);
  packet[3] = static_cast<std::uint8_t>(number);
  for (int i = 0; i < 4; ++i)
    packet[std::size_t(4 + i)] = static_cast<std::uint8_t>(timestamp >> (24 - 8 * i));
  std::copy_n("mcst", 4, packet.begin() + 8);                      // SSRC
  std::fill(packet.begin() + kRtpHeaderSize, packet.end(), 0xff);  // silence in mu-law
  return packet;
}

void send_stream(int fd, const Options& options) {
  send_through_the_interface(fd, options);
  const auto to = endpoint(options);
  const auto start = Clock::now();
  const auto due = [&](std::int64_t n) {
    return start + std::chrono::nanoseconds{1'000'000'000 / options.rate * n};
  };
  std::int64_t sent = 0;
  for (std::int64_t n = 0; !g_stop; ++n) {
    if (options.count && n == *options.count) break;
    if (options.lifetime && due(n) - start >= *options.lifetime) break;
    std::this_thread::sleep_until(due(n));
    const auto packet = rtp_packet(static_cast<std::uint64_t>(n));
    if (::sendto(fd, packet.data(), packet.size(), 0, &to.any, size_of(to)) >= 0)
      ++sent;
    else if (errno != ENETDOWN && errno != ENETUNREACH && errno != ENOBUFS && errno != EINTR)
      system_call_failed("cannot send on " + options.interface);  // a link that is down may return
  }
  std::printf("sent %lld\n", static_cast<long long>(sent));
}

/// Takes what has arrived and says how much it was.
std::uint64_t drain(int fd, const Options& options) {
  std::array<std::uint8_t, 65536> packet;
  std::uint64_t packets = 0;
  while (::recv(fd, packet.data(), packet.size(), MSG_DONTWAIT) >= 0) ++packets;
  if (errno != EAGAIN && errno != EINTR)
    system_call_failed("cannot receive on " + options.interface);
  return packets;
}

void receive_stream(int fd, const Options& options) {
  join(fd, options, endpoint(options));
  const auto start = Clock::now();
  std::uint64_t total = 0;
  for (milliseconds elapsed = options.every; !g_stop; elapsed += options.every) {
    std::uint64_t packets = 0;
    for (auto left = start + elapsed - Clock::now(); left > Clock::duration::zero() && !g_stop;
         left = start + elapsed - Clock::now()) {
      pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
      const auto wait = std::chrono::ceil<milliseconds>(left).count();
      if (::poll(&readable, 1, static_cast<int>(wait)) > 0) packets += drain(fd, options);
    }
    if (g_stop) break;
    total += packets;
    std::printf("%.*f %llu %llu\n", options.every.count() % 100 == 0 ? 1 : 3,
                static_cast<double>(elapsed.count()) / 1000,
                static_cast<unsigned long long>(packets), static_cast<unsigned long long>(total));
    if (options.lifetime && elapsed >= *options.lifetime) break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto options = parse(argc, argv);
  options.interface_index = static_cast<int>(::if_nametoindex(options.interface.c_str()));
  if (options.interface_index == 0)
    quit(kCannotRun, "no interface '" + options.interface + "'; 'ip link' lists them");

  struct sigaction action {};  // no SA_RESTART: a signal must end the wait
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

  const int fd = ::socket(options.group.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) system_call_failed("cannot open a socket");
  if (options.send)
    send_stream(fd, options);
  else
    receive_stream(fd, options);
  ::close(fd);
  return 0;
}
