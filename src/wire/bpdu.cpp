#include "wire/bpdu.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mcq::wire {
namespace {

// An Ethernet frame with a length, its LLC header, and the BPDU:
//
//  +-------------+--------+--------+--------------------+--------------------------+
//  | destination | source | length | 42 42 03           | BPDU of IEEE 802.1D      |
//  +-------------+--------+--------+--------------------+--------------------------+
//  | destination | source | length | aa aa 03 00000c010b| BPDU of PVST             |
//  +-------------+--------+--------+--------------------+--------------------------+
constexpr std::size_t kLengthOffset = 12, kHeaderSize = 14;
constexpr std::array<std::uint8_t, 6> kBridges{0x01, 0x80, 0xc2, 0, 0, 0};
constexpr std::array<std::uint8_t, 3> kBridgeLlc{0x42, 0x42, 0x03};
constexpr std::array<std::uint8_t, 6> kPvst{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcd};
constexpr std::array<std::uint8_t, 8> kPvstLlc{0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x01, 0x0b};

// A BPDU (IEEE 802.1D-2004 §9.3): protocol identifier 0 (2 bytes), version, type, then flags.
constexpr std::size_t kTypeOffset = 3, kFlagsOffset = 4;
constexpr std::uint8_t kConfiguration = 0x00, kRapid = 0x02, kNotification = 0x80;
constexpr std::size_t kNotificationSize = 4, kConfigurationSize = 35, kRapidSize = 36;
constexpr std::uint8_t kTopologyChangeFlag = 0x01;

template <std::size_t Size>
bool starts_with(Bytes bytes, const std::array<std::uint8_t, Size>& with) {
  return bytes.size() >= Size && std::equal(with.begin(), with.end(), bytes.begin());
}

/// Returns the number of bytes of a BPDU of that type; 0 for an unknown type.
std::size_t size_of(std::uint8_t type) {
  switch (type) {
    case kNotification:
      return kNotificationSize;
    case kConfiguration:
      return kConfigurationSize;
    case kRapid:
      return kRapidSize;
    default:
      return 0;
  }
}

}  // namespace

Result<Bpdu, ParseError> parse_bpdu(Bytes frame) {
  if (frame.size() < kHeaderSize) return fail(ParseError::kTruncated);
  const auto length = load<std::uint16_t, kLengthOffset>(frame.first<kHeaderSize>());
  const auto llc =
      frame.subspan(kHeaderSize, std::min<std::size_t>(length, frame.size() - kHeaderSize));
  const bool is_standard = starts_with(frame, kBridges) && starts_with(llc, kBridgeLlc);
  const bool is_pvst = starts_with(frame, kPvst) && starts_with(llc, kPvstLlc);
  if (!is_standard && !is_pvst) return fail(ParseError::kUnhandledType);
  const auto bpdu = llc.subspan(is_standard ? kBridgeLlc.size() : kPvstLlc.size());
  if (bpdu.size() < kNotificationSize) return fail(ParseError::kTruncated);
  const auto type = bpdu[kTypeOffset];
  const auto size = size_of(type);
  if (bpdu[0] != 0 || bpdu[1] != 0 || size == 0) return fail(ParseError::kUnhandledType);
  if (bpdu.size() < size) return fail(ParseError::kTruncated);
  return Bpdu{type == kNotification || (bpdu[kFlagsOffset] & kTopologyChangeFlag) != 0};
}

}  // namespace mcq::wire
