#include "frames.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "wire/bytes.hpp"

namespace mcq::tools {
namespace {

using wire::append;
using wire::Buffer;

constexpr std::uint32_t kFirstGroup = 0xE1000000, kFirstHost = 0xC0000210;
constexpr std::uint32_t kAllRouters = 0xE0000002, kAllReportRouters = 0xE0000016;
constexpr std::uint32_t kRouterAlert = 0x94040000;
constexpr std::uint8_t kIgmp = 2, kUdp = 17, kIcmpv6 = 58;
constexpr std::uint8_t kIgmpReport2 = 0x16, kIgmpLeave = 0x17, kIgmpReport3 = 0x22;
constexpr std::uint8_t kMldReport1 = 131, kMldDone = 132, kMldReport2 = 143;
constexpr std::uint8_t kIsExclude = 2, kToInclude = 3;
constexpr std::size_t kMinFrame = 60;

using Address6 = Address<16>;

Address6 address6(std::uint16_t prefix, std::uint32_t number) {
  Address6 address{{static_cast<std::uint8_t>(prefix >> 8U), static_cast<std::uint8_t>(prefix)}};
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return address;
}

std::uint32_t sum(wire::Bytes bytes) {
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    total += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8U : bytes[i];
  }
  return total;
}

void put_checksum(Buffer& packet, std::size_t at, std::uint32_t total) {
  while (total > 0xffff) total = (total & 0xffffU) + (total >> 16U);
  packet[at] = static_cast<std::uint8_t>(~total >> 8U);
  packet[at + 1] = static_cast<std::uint8_t>(~total);
}

template <class T>
void append_all(Buffer& out, std::initializer_list<T> values) {
  for (const T value : values) append(out, value);
}

/// Type, code and room for a checksum, which every message of IGMP and MLD begins with.
Buffer message(std::uint8_t type) { return {type, 0, 0, 0}; }

template <class Group>
Buffer records(const Load& load, std::uint32_t first, std::uint8_t type, Group group) {
  auto body = message(type);
  append_all<std::uint16_t>(body, {0, static_cast<std::uint16_t>(load.records)});
  for (std::uint32_t n = first; n < first + load.records; ++n) {
    body.push_back(load.leaves ? kToInclude : kIsExclude);
    body.insert(body.end(), 3, 0);
    append(body, group(n % load.groups));
  }
  return body;
}

Buffer frame(std::array<std::uint8_t, 6> to, std::uint32_t host, std::uint16_t ether_type) {
  Buffer out{to.begin(), to.end()};
  append<std::uint16_t>(out, 0x0200);
  append(out, host);
  append(out, ether_type);
  return out;
}

Buffer ipv4(std::uint32_t host, std::uint32_t destination, const Buffer& body, bool is_data) {
  const auto low = destination & 0x7fffffU;
  auto out = frame({1, 0, 0x5e, static_cast<std::uint8_t>(low >> 16U),
                    static_cast<std::uint8_t>(low >> 8U), static_cast<std::uint8_t>(low)},
                   host, 0x0800);
  const std::size_t header = is_data ? 20 : 24;
  append<std::uint16_t>(out, is_data ? 0x4500 : 0x46c0);
  append(out, static_cast<std::uint16_t>(header + body.size()));
  append<std::uint32_t>(out, 0);
  append_all<std::uint8_t>(
      out, {static_cast<std::uint8_t>(is_data ? 4 : 1), is_data ? kUdp : kIgmp, 0, 0});
  append_all(out, {host, destination});
  if (!is_data) append(out, kRouterAlert);
  put_checksum(out, kEthernetHeaderSize + 10, sum(std::span{out}.subspan(kEthernetHeaderSize)));
  out.insert(out.end(), body.begin(), body.end());
  out.resize(std::max(out.size(), kMinFrame));
  return out;
}

Buffer igmp_frame(const Load& load, std::uint32_t first, std::uint32_t host) {
  const auto group = kFirstGroup + first;
  Buffer body;
  std::uint32_t destination = kAllReportRouters;
  if (load.kind == Kind::kIgmp3) {
    body = records(load, first, kIgmpReport3, [](std::uint32_t n) { return kFirstGroup + n; });
  } else {
    body = message(load.leaves ? kIgmpLeave : kIgmpReport2);
    append(body, group);
    destination = load.leaves ? kAllRouters : group;
  }
  put_checksum(body, 2, sum(body));
  return ipv4(host, destination, body, false);
}

Buffer data_frame(const Load& load, std::uint32_t first, std::uint32_t host) {
  Buffer body;
  append_all<std::uint16_t>(body, {5004, 5004, static_cast<std::uint16_t>(8 + load.data_size), 0});
  body.resize(8 + load.data_size);
  return ipv4(host, kFirstGroup + first, body, true);
}

Buffer mld_frame(const Load& load, std::uint32_t first, std::uint32_t host) {
  const auto group = [](std::uint32_t n) { return address6(0xff15, n); };
  Buffer body;
  auto destination = address6(0xff02, load.leaves ? 2 : 0x16);
  if (load.kind == Kind::kMld2) {
    destination = address6(0xff02, 0x16);
    body = records(load, first, kMldReport2, group);
  } else {
    body = message(load.leaves ? kMldDone : kMldReport1);
    append<std::uint32_t>(body, 0);
    append(body, group(first));
    if (!load.leaves) destination = group(first);
  }
  const auto& to = destination.bytes;
  auto out = frame({0x33, 0x33, to[12], to[13], to[14], to[15]}, host, 0x86dd);
  append<std::uint32_t>(out, 0x60000000);
  append(out, static_cast<std::uint16_t>(8 + body.size()));
  append_all<std::uint8_t>(out, {0, 1});
  append(out, address6(0xfe80, host & 0xffU));
  append(out, destination);
  put_checksum(
      body, 2,
      sum(body) + sum(std::span{out}.last(32)) + static_cast<std::uint32_t>(body.size()) + kIcmpv6);
  append_all<std::uint8_t>(out, {kIcmpv6, 0, 5, 2, 0, 0, 1, 0});  // Router Alert, then padding
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace

Frames::Frames(const Load& load) {
  const bool has_records = load.kind == Kind::kIgmp3 || load.kind == Kind::kMld2;
  const std::uint32_t step = has_records ? load.records : 1;
  for (std::uint32_t first = 0; first < load.groups; first += step) {
    const std::uint32_t host = kFirstHost + first / step % load.hosts;
    const bool is_mld = load.kind == Kind::kMld1 || load.kind == Kind::kMld2;
    const auto made = is_mld                     ? mld_frame(load, first, host)
                      : load.kind == Kind::kData ? data_frame(load, first, host)
                                                 : igmp_frame(load, first, host);
    if (bytes_.empty()) {
      stride_ = made.size();
      bytes_.reserve(stride_ * (load.groups / step + 1));
    }
    bytes_.insert(bytes_.end(), made.begin(), made.end());
  }
}

}  // namespace mcq::tools
