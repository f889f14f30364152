#include "wire/records.hpp"

namespace mcq::wire {
namespace {

// A record of an IGMPv3 or MLDv2 report (RFC 9776 §4.2, RFC 9777 §5.2):
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Record Type  |  Aux Data Len |     Number of Sources (N)     |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                                                               |
//  |       Multicast Address (4 bytes in IGMPv3, 16 in MLDv2)      |
//  |                                                               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .                  Source Addresses [1] to [N]                  .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .                         Auxiliary Data                        .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Aux Data Len counts units of 4 bytes.
constexpr std::size_t kTypeOffset = 0;
constexpr std::size_t kAuxiliaryLengthOffset = 1;
constexpr std::size_t kSourceCountOffset = 2;
constexpr std::size_t kGroupOffset = 4;
constexpr std::size_t kAuxiliaryUnit = 4;

template <Family F>
constexpr std::size_t kAddressSize = sizeof(typename F::Address);
template <Family F>
constexpr std::size_t kRecordHeaderSize = kGroupOffset + kAddressSize<F>;  // without sources

constexpr bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(RecordType::kIsIn) &&
         type <= static_cast<std::uint8_t>(RecordType::kBlock);
}

constexpr bool is_current_state(RecordType type) {
  return type == RecordType::kIsIn || type == RecordType::kIsEx;
}

constexpr bool leaves(RecordType type, bool has_sources) {
  return type == RecordType::kBlock || (type == RecordType::kToIn && !has_sources);
}

}  // namespace

template <Family F>
std::optional<Record<F>> RecordReader<F>::next() {
  for (; left_ > 0; --left_) {
    if (records_.size() < kRecordHeaderSize<F>) break;
    const auto header = records_.template first<kRecordHeaderSize<F>>();
    const auto type = load<std::uint8_t, kTypeOffset>(header);
    const auto sources = load<std::uint16_t, kSourceCountOffset>(header) * kAddressSize<F>;
    const auto auxiliary = load<std::uint8_t, kAuxiliaryLengthOffset>(header) * kAuxiliaryUnit;
    // The only bounds check of this record: every later read ends before `size`.
    const auto size = kRecordHeaderSize<F> + sources + auxiliary;
    if (records_.size() < size) break;
    const auto source_bytes = records_.subspan(kRecordHeaderSize<F>, sources);
    records_ = records_.subspan(size);
    if (!is_known(type)) continue;
    const auto group = load_address<kAddressSize<F>, kGroupOffset>(header);
    if (!is_multicast(group)) {
      fault_ = ParseError::kBadGroup;
      continue;
    }
    --left_;
    const Record<F> record{static_cast<RecordType>(type), group,
                           addresses<kAddressSize<F>>(source_bytes)};
    has_current_state_ = has_current_state_ || is_current_state(record.type);
    is_leave_ = (is_first_ || is_leave_) && leaves(record.type, sources > 0);
    is_first_ = false;
    return record;
  }
  if (left_ > 0) fault_ = ParseError::kBadLength;
  return std::nullopt;
}

template <Family F>
void append_records(Buffer& out, std::span<const Record<F>> records) {
  append(out, static_cast<std::uint16_t>(records.size()));
  for (const auto& record : records) {
    append(out, static_cast<std::uint8_t>(record.type));
    append(out, std::uint8_t{0});  // Aux Data Len
    append(out, static_cast<std::uint16_t>(record.sources.size()));
    append(out, record.group);
    for (const auto& source : record.sources) append(out, source);
  }
}

template class RecordReader<Igmp>;
template class RecordReader<Mld>;
template void append_records(Buffer&, std::span<const Record<Igmp>>);
template void append_records(Buffer&, std::span<const Record<Mld>>);

}  // namespace mcq::wire
