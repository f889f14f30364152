#pragma once

#include <optional>

#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// Walks the records of a report where they lie: nothing is copied, nothing allocated. A record of
/// unknown type or whose group is no multicast address is passed over; one that reaches beyond the
/// report ends the walk (RFC 9776 §4.2, RFC 9777 §5.2).
template <Family F>
class RecordReader {
 public:
  explicit RecordReader(const RecordReport<F>& report)
      : left_(report.count), octets_(report.octets) {}

  /// The next record; nothing after the last, and where the report lies about its length.
  std::optional<Record<F>> next();
  /// What was wrong so far: kBadLength, or kBadGroup.
  std::optional<ParseError> fault() const { return fault_; }

 private:
  std::uint16_t left_;
  std::span<const std::uint8_t> octets_;
  std::optional<ParseError> fault_;
};

extern template class RecordReader<Igmp>;
extern template class RecordReader<Mld>;

/// Whether a report says nothing but what its host does not listen to any more.
template <Family F>
bool is_leave(const RecordReport<F>& report);

extern template bool is_leave(const RecordReport<Igmp>&);
extern template bool is_leave(const RecordReport<Mld>&);

/// Whether a report says what its host listens to, as an answer to a query does, and not only what
/// has changed.
template <Family F>
bool has_current_state(const RecordReport<F>& report);

extern template bool has_current_state(const RecordReport<Igmp>&);
extern template bool has_current_state(const RecordReport<Mld>&);

/// Appends the number of the records and the records, as reports end in them. A record has no
/// auxiliary data (RFC 9776 §4.2.11).
template <Family F>
void append_records(Buffer& out, std::span<const Record<F>> records);

extern template void append_records(Buffer&, std::span<const Record<Igmp>>);
extern template void append_records(Buffer&, std::span<const Record<Mld>>);

}  // namespace mcq::wire
