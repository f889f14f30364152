#include "wire/records.hpp"

namespace mcq::wire {
namespace {

constexpr std::size_t kAuxiliaryUnit = 4;  // octets (RFC 9776 §4.2.7)

template <Family F>
constexpr std::size_t kAddressSize = sizeof(typename F::Address);
/// Of a record before its sources: type, auxiliary length, number of sources, group.
template <Family F>
constexpr std::size_t kRecordHeaderSize = 4 + kAddressSize<F>;

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
    if (octets_.size() < kRecordHeaderSize<F>) break;
    const auto header = octets_.template first<kRecordHeaderSize<F>>();
    const auto type = load<std::uint8_t, 0>(header);
    const auto sources = load<std::uint16_t, 2>(header) * kAddressSize<F>;
    const auto auxiliary = load<std::uint8_t, 1>(header) * kAuxiliaryUnit;
    // The one check of this record's bounds: all that follows lies before `size`.
    const auto size = kRecordHeaderSize<F> + sources + auxiliary;
    if (octets_.size() < size) break;
    const auto source_octets = octets_.subspan(kRecordHeaderSize<F>, sources);
    octets_ = octets_.subspan(size);
    if (!is_known(type)) continue;
    const auto group = load_address<kAddressSize<F>, 4>(header);
    if (!is_multicast(group)) {
      fault_ = ParseError::kBadGroup;
      continue;
    }
    --left_;
    const Record<F> record{static_cast<RecordType>(type), group,
                           addresses<kAddressSize<F>>(source_octets)};
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
    append(out, std::uint8_t{0});
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
