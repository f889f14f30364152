#include "require.hpp"
#include "wire/bpdu.hpp"
#include "wire/igmp.hpp"
#include "wire/mld.hpp"
#include "wire/packet.hpp"
#include "wire/records.hpp"

// From the bytes of a packet to a message and its records, and back.

namespace mcq::fuzz {
namespace {

template <Family F>
using Records = std::vector<Record<F>>;

bool lies_within(wire::Bytes inner, wire::Bytes outer) {
  return outer.data() <= inner.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

template <Family F>
Records<F> walk(const RecordReport<F>& report, std::optional<wire::ParseError>& fault) {
  Records<F> records;
  wire::RecordReader<F> reader{report};
  while (const auto record = reader.next()) records.push_back(*record);
  require(!reader.next(), "the end of the records is final");
  fault = reader.fault();
  return records;
}

/// Whatever a report says of itself, what is read of it lies within it.
template <Family F>
Records<F> check_records(const RecordReport<F>& report) {
  constexpr std::size_t kHeader = 4 + sizeof(typename F::Address);
  std::optional<wire::ParseError> fault, fault_again;
  auto records = walk(report, fault);
  require(records.size() <= report.count, "there are no more records than the report says");
  require(!fault || fault == wire::ParseError::kBadLength || fault == wire::ParseError::kBadGroup,
          "only lengths and groups can be wrong");
  std::size_t size = 0;
  const auto* end = report.records.data();  // of the records so far
  for (const auto& record : records) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.sources.data());
    require(lies_within({bytes, record.sources.size_bytes()}, report.records),
            "sources lie in the report");
    require(bytes >= end + kHeader, "records follow each other");
    end = bytes + record.sources.size_bytes();
    size += kHeader + record.sources.size_bytes();
    require(is_multicast(record.group), "a record is about a group");
    require(record.type >= RecordType::kIsIn && record.type <= RecordType::kBlock,
            "a record has a known type");
  }
  require(size <= report.records.size(), "records are no longer than the report");
  require(walk(report, fault_again) == records && fault_again == fault,
          "a report says the same twice");
  return records;
}

wire::Buffer packet_around(const wire::Packet<Igmp>& packet, const auto& message) {
  return wire::ipv4_packet(packet.source, packet.destination, wire::Reach::kLink,
                           wire::serialize(message));
}
wire::Buffer packet_around(const wire::Packet<Mld>& packet, const auto& message) {
  return wire::ipv6_packet(packet.source, packet.destination,
                           wire::serialize(message, packet.source, packet.destination));
}

/// Writes what was read: the records of a report, or else the message itself.
template <Family F>
wire::Buffer write(const wire::Packet<F>& packet, const Records<F>& records) {
  return std::visit(
      [&]<class M>(const M& message) {
        if constexpr (std::is_same_v<M, RecordReport<F>>) {
          return packet_around(packet, std::span<const Record<F>>{records});
        } else {
          return packet_around(packet, message);
        }
      },
      packet.message);
}

template <Family F>
Records<F> check_message(const Message<F>& message, wire::Bytes bytes) {
  if (const auto* report = std::get_if<RecordReport<F>>(&message)) {
    require(lies_within(report->records, bytes), "the records lie within the packet");
    return check_records(*report);
  }
  if (const auto* query = std::get_if<Query<F>>(&message)) {
    require(query->robustness <= 7, "QRV has three bits");
    require(query->sources.size() * sizeof(typename F::Address) < bytes.size(),
            "a query has no more sources than fit");
  }
  return {};
}

/// What was read, written again, is read as the same.
template <Family F>
void check(wire::Bytes bytes) {
  const auto packet = wire::parse_packet<F>(bytes);
  if (!packet) return;
  const auto records = check_message(packet->message, bytes);
  const auto written = write(*packet, records);
  const auto again = wire::parse_packet<F>(written);
  require(again.has_value(), "a packet that is written can be read");
  require(again->source == packet->source && again->destination == packet->destination,
          "a packet keeps its addresses");
  require(again->router_alert, "a packet that is written has Router Alert");
  require(again->message.index() == packet->message.index(), "a message keeps its kind");
  const auto records_again = check_message(again->message, written);
  require(records_again == records, "a report keeps its records");
  require(
      std::holds_alternative<RecordReport<F>>(packet->message) || again->message == packet->message,
      "a message survives being written and read");
  require(write(*again, records_again) == written, "a packet has one form");
}

/// A frame that is a BPDU says the same when something follows it.
void check_bpdu(wire::Bytes bytes) {
  const auto bpdu = wire::parse_bpdu(bytes);
  if (!bpdu) return;
  wire::Buffer padded(bytes.begin(), bytes.end());
  padded.resize(padded.size() + 46);
  const auto again = wire::parse_bpdu(padded);
  require(again && again->topology_change == bpdu->topology_change, "padding changes no BPDU");
}

/// The same bytes with right checksums, which chance alone would not find.
wire::Buffer with_ipv4_checksums(wire::Bytes bytes) {
  wire::Buffer out(bytes.begin(), bytes.end());
  if (out.size() < 20) return out;
  const auto header = std::size_t{out[0] & 0x0fU} * 4;
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

wire::Buffer with_icmpv6_checksum(wire::Bytes bytes) {
  wire::Buffer out(bytes.begin(), bytes.end());
  if (out.size() < 48) return out;
  const std::size_t begin = 40 + (out[41] + std::size_t{1}) * 8;
  const std::size_t end = 40 + (std::size_t{out[4]} << 8U | out[5]);
  if (begin + 4 > end || end > out.size()) return out;
  const auto message = std::span{out}.subspan(begin, end - begin);
  message[2] = message[3] = 0;
  // The addresses are both in the pseudo header and, in the same order, in the IPv6 header.
  const auto before = wire::internet_sum(std::span{out}.subspan(8, 32)) + 58U +
                      static_cast<std::uint32_t>(message.size());
  wire::set_checksum(message, 2, before);
  return out;
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mcq::wire::Bytes bytes{data, size};
  mcq::fuzz::check_bpdu(bytes);
  mcq::fuzz::check<mcq::Igmp>(bytes);
  mcq::fuzz::check<mcq::Mld>(bytes);
  mcq::fuzz::check<mcq::Igmp>(mcq::fuzz::with_ipv4_checksums(bytes));
  mcq::fuzz::check<mcq::Mld>(mcq::fuzz::with_icmpv6_checksum(bytes));
  return 0;
}
