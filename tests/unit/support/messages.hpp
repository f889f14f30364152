#pragma once

#include <ostream>
#include <vector>

#include "support/printers.hpp"
#include "wire/igmp.hpp"
#include "wire/mld.hpp"
#include "wire/records.hpp"

namespace mcq {

template <Family F>
void PrintTo(const Record<F>& record, std::ostream* out) {
  *out << "record of type " << static_cast<int>(record.type) << ", group "
       << to_string(record.group) << ", sources";
  for (const auto& source : record.sources) *out << ' ' << to_string(source);
}

template <Family F>
void PrintTo(const RecordReport<F>& report, std::ostream* out) {
  *out << F::kName << " report of " << report.count << " records in " << report.records.size()
       << " bytes";
}

}  // namespace mcq

namespace mcq::test {

/// All that a report says, where it says it.
template <Family F>
std::vector<Record<F>> records_of(const RecordReport<F>& report) {
  std::vector<Record<F>> records;
  wire::RecordReader<F> reader{report};
  while (const auto record = reader.next()) records.push_back(*record);
  return records;
}

/// Writes any message; `where` are the source and the destination of MLD.
template <Family F, class... Where>
wire::Buffer bytes_of(const Message<F>& message, const Where&... where) {
  if (const auto* report = std::get_if<RecordReport<F>>(&message)) {
    return wire::serialize(std::span<const Record<F>>{records_of(*report)}, where...);
  }
  if (const auto* query = std::get_if<Query<F>>(&message)) return wire::serialize(*query, where...);
  if (const auto* leave = std::get_if<Leave<F>>(&message)) return wire::serialize(*leave, where...);
  if (const auto* router = std::get_if<RouterMessage>(&message)) {
    return wire::serialize(*router, where...);
  }
  return wire::serialize(std::get<Report<F>>(message), where...);
}

}  // namespace mcq::test
