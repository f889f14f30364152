#include "soak/packet.hpp"

#include <algorithm>

#include "wire/bytes.hpp"

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | V=2, type 96 or 97: the end   |   sequence number, low bits   |  RTP (RFC 3550), so that other
// |                  milliseconds since the start                 |  tools can analyse the stream
// |                       run, low bits                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      "igmpsoak" (64 bits)                     |
// |                         run (64 bits)                         |
// |                   sequence number (64 bits)                   |
// |             nanoseconds since the start (64 bits)             |
// |                 packets per second (32 bits)                  |
// |               milliseconds planned (32 bits)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// zeros up to kPacketSize

namespace mcq::soak {
namespace {

constexpr std::size_t kType = 1, kMagic = 12, kRun = 20, kSequence = 28, kSent = 36, kRate = 44,
                      kDuration = 48, kUsed = 52;
constexpr std::uint8_t kVersion = 0x80, kStream = 96, kEnd = 97;
constexpr std::uint64_t kMagicNumber = 0x69676d70'736f616b;  // "igmpsoak"
static_assert(kUsed <= kPacketSize);
static_assert(milliseconds(kMaxDuration) < UINT32_MAX);

bool is_possible(const Packet& packet) {
  const auto& plan = packet.plan;
  return plan.rate >= 1 && plan.rate <= kMaxRate && plan.duration >= kMinDuration &&
         plan.duration <= kMaxDuration && packet.sequence <= plan.packets() &&
         packet.sent >= Duration{} && packet.sent <= 2 * kMaxDuration;
}

}  // namespace

std::array<std::uint8_t, kPacketSize> serialize(const Packet& packet) {
  wire::Buffer out;
  out.reserve(kPacketSize);
  wire::append(out, kVersion);
  wire::append(out, packet.is_end ? kEnd : kStream);
  wire::append(out, static_cast<std::uint16_t>(packet.sequence));
  wire::append(out, static_cast<std::uint32_t>(milliseconds(packet.sent)));
  wire::append(out, static_cast<std::uint32_t>(packet.run));
  wire::append(out, kMagicNumber);
  wire::append(out, packet.run);
  wire::append(out, packet.sequence);
  wire::append(out, static_cast<std::uint64_t>(packet.sent.count()));
  wire::append(out, packet.plan.rate);
  wire::append(out, static_cast<std::uint32_t>(milliseconds(packet.plan.duration)));
  std::array<std::uint8_t, kPacketSize> bytes{};
  std::copy(out.begin(), out.end(), bytes.begin());
  return bytes;
}

std::optional<Packet> parse_packet(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kUsed) return std::nullopt;
  const auto header = bytes.first<kUsed>();
  if (wire::load<std::uint64_t, kMagic>(header) != kMagicNumber) return std::nullopt;
  const auto type = wire::load<std::uint8_t, kType>(header);
  if (type != kStream && type != kEnd) return std::nullopt;
  const auto sent = wire::load<std::uint64_t, kSent>(header);
  if (sent > static_cast<std::uint64_t>(Duration::max().count())) return std::nullopt;
  const Packet packet{
      .run = wire::load<std::uint64_t, kRun>(header),
      .sequence = wire::load<std::uint64_t, kSequence>(header),
      .sent = Duration{sent},
      .plan = {.rate = wire::load<std::uint32_t, kRate>(header),
               .duration = std::chrono::milliseconds{wire::load<std::uint32_t, kDuration>(header)}},
      .is_end = type == kEnd,
  };
  if (!is_possible(packet)) return std::nullopt;
  return packet;
}

}  // namespace mcq::soak
