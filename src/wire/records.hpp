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
  /// Whether a record so far reports current state, as an answer to a query does (RFC 9776 §4.2.13,
  /// RFC 9777 §5.2).
  bool has_current_state() const { return has_current_state_; }
  /// Whether there was a record so far, and each of them only leaves groups or sources.
  bool is_leave() const { return is_leave_; }

 private:
  std::uint16_t left_;
  std::span<const std::uint8_t> octets_;
  std::optional<ParseError> fault_;
  bool is_first_ = true, has_current_state_ = false, is_leave_ = false;
};

extern template class RecordReader<Igmp>;
extern template class RecordReader<Mld>;

/// Appends the number of the records and the records, as reports end in them. A record has no
/// auxiliary data (RFC 9776 §4.2.11).
template <Family F>
void append_records(Buffer& out, std::span<const Record<F>> records);

extern template void append_records(Buffer&, std::span<const Record<Igmp>>);
extern template void append_records(Buffer&, std::span<const Record<Mld>>);

}  // namespace mcq::wire
