#pragma once

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/time_code.hpp"

// What IGMPv3 and MLDv2 put behind a query of the version before, in the same octets: flags, S,
// QRV, QQIC and the sources (RFC 9776 §4.1.4 to §4.1.9, RFC 9777 §5.1.6 to §5.1.11).

namespace mcq::wire {

inline constexpr std::size_t kQueryTailSize = 4;  // without sources

/// The code of a time in these units: the next lower one where there is none.
template <class Code>
constexpr auto time_code(Duration time, Duration unit) {
  const auto units = std::clamp<Duration::rep>(time / unit, 0, Code::kMax);
  return Code::encode(static_cast<std::uint32_t>(units));
}

/// Reads the octets behind the group into the query; false if it has fewer than it says.
template <Family F>
bool read_query_tail(Bytes tail, Query<F>& query) {
  constexpr std::size_t kAddressSize = sizeof(typename F::Address);
  if (tail.size() < kQueryTailSize) return false;
  const auto fixed = tail.first<kQueryTailSize>();
  const auto flags = load<std::uint8_t, 0>(fixed);
  const auto length = std::size_t{load<std::uint16_t, 2>(fixed)} * kAddressSize;
  if (tail.size() - kQueryTailSize < length) return false;
  query.suppress = (flags & 0x08U) != 0;
  query.robustness = flags & 0x07U;
  query.query_interval = TimeCode8::decode(load<std::uint8_t, 1>(fixed)) * Duration{1s};
  const auto sources = addresses<kAddressSize>(tail.subspan(kQueryTailSize, length));
  query.sources.assign(sources.begin(), sources.end());
  return true;
}

template <Family F>
void append_query_tail(Buffer& out, const Query<F>& query) {
  const unsigned robustness = query.robustness <= 7 ? query.robustness : 0;
  append(out, static_cast<std::uint8_t>((query.suppress ? 0x08U : 0U) | robustness));
  append(out, time_code<TimeCode8>(query.query_interval, 1s));
  append(out, static_cast<std::uint16_t>(query.sources.size()));
  for (const auto& source : query.sources) append(out, source);
}

/// Whether somebody may ask this: about everything, or about a group that can have members.
template <Family F>
bool has_valid_group(const Query<F>& query) {
  return query.is_general() ? query.sources.empty() : is_multicast(query.group);
}

}  // namespace mcq::wire
