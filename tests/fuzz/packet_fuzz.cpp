#include "require.hpp"
#include "wire/frame.hpp"
#include "wire/igmp.hpp"

// From the octets of a packet to a message and back.

namespace mcq::fuzz {
namespace {

wire::Buffer write(const Message<Igmp>& message) {
  return std::visit([](const auto& m) { return wire::serialize(m); }, message);
}

/// What was read, written again, is read as the same.
void check_message(const wire::Ipv4Packet& packet, const Message<Igmp>& message) {
  const auto* query = std::get_if<Query<Igmp>>(&message);
  require(query == nullptr || query->robustness <= 7, "QRV has three bits");
  const auto octets = write(message);
  const auto again = wire::parse_igmp(octets);
  require(again && *again == message, "a message survives being written and read");
  require(write(*again) == octets, "a message has one form");
  const auto bytes =
      wire::ipv4_packet(packet.source, packet.destination, wire::Reach::kLink, octets);
  const auto wrapped = wire::parse_ipv4(bytes);
  require(wrapped.has_value(), "a packet that is written can be read");
  require(wrapped->source == packet.source && wrapped->destination == packet.destination,
          "a packet keeps its addresses");
  require(wrapped->router_alert, "a packet that is written has Router Alert");
  require(
      std::equal(wrapped->payload.begin(), wrapped->payload.end(), octets.begin(), octets.end()),
      "a packet keeps its payload");
}

void check(wire::Bytes bytes) {
  const auto packet = wire::parse_ipv4(bytes);
  if (!packet) return;
  require(bytes.data() + 20 <= packet->payload.data() &&
              packet->payload.data() + packet->payload.size() <= bytes.data() + bytes.size(),
          "the payload lies behind the header and within the packet");
  if (const auto message = wire::parse_igmp(packet->payload)) check_message(*packet, *message);
}

/// The same octets with right checksums, which chance alone would not find.
wire::Buffer with_checksums(wire::Bytes bytes) {
  wire::Buffer out(bytes.begin(), bytes.end());
  if (out.size() < 20) return out;
  const std::size_t header = (out[0] & 0x0fU) * 4U;
  const std::size_t total = std::size_t{out[2]} << 8U | out[3];
  if (header < 20 || header > out.size()) return out;
  if (header + 4 <= total && total <= out.size()) {
    const auto payload = std::span{out}.subspan(header, total - header);
    payload[2] = payload[3] = 0;
    wire::set_checksum(payload, 2);
  }
  out[10] = out[11] = 0;
  wire::set_checksum(std::span{out}.first(header), 10);
  return out;
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mcq::wire::Bytes bytes{data, size};
  mcq::fuzz::check(bytes);
  mcq::fuzz::check(mcq::fuzz::with_checksums(bytes));
  return 0;
}
