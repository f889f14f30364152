#pragma once

#include <optional>

#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// Iterates over the records of a report in place, without copying or allocating. Skips a record
/// of unknown type and one whose group is not a multicast address; ends at a record that extends
/// beyond the report (RFC 9776 §4.2, RFC 9777 §5.2). The bytes of the report must outlive the
/// reader and its records.
template <Family F>
class RecordReader {
 public:
  explicit RecordReader(const RecordReport<F>& report)
      : left_(report.count), records_(report.records) {}

  /// Returns the next record; none after the last one or at one that extends beyond the report.
  std::optional<Record<F>> next();
  /// Returns the fault found so far: kBadLength or kBadGroup; none while the records are valid.
  std::optional<ParseError> fault() const { return fault_; }
  /// Whether a record so far reports current state, as an answer to a query does (RFC 9776 §4.2.13,
  /// RFC 9777 §5.2).
  bool has_current_state() const { return has_current_state_; }
  /// Whether there was a record so far, and each of them only leaves groups or sources.
  bool is_leave() const { return is_leave_; }

 private:
  std::uint16_t left_;
  std::span<const std::uint8_t> records_;
  std::optional<ParseError> fault_;
  bool is_first_ = true, has_current_state_ = false, is_leave_ = false;
};

extern template class RecordReader<Igmp>;
extern template class RecordReader<Mld>;

/// Appends the number of records (16 bits) and the records, without auxiliary data (RFC 9776
/// §4.2.11).
template <Family F>
void append_records(Buffer& out, std::span<const Record<F>> records);

extern template void append_records(Buffer&, std::span<const Record<Igmp>>);
extern template void append_records(Buffer&, std::span<const Record<Mld>>);

}  // namespace mcq::wire
