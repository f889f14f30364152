#pragma once

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/time_code.hpp"

// The end of an IGMPv3 or MLDv2 query, after the fields of the older version (RFC 9776 §4.1,
// RFC 9777 §5.1):
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  | Flags |S| QRV |      QQIC     |     Number of Sources (N)     |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .                  Source Addresses [1] to [N]                  .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

namespace mcq::wire {

inline constexpr std::size_t kQueryTailSize = 4;  ///< bytes without sources
inline constexpr std::size_t kFlagsOffset = 0;    ///< Flags, S and QRV
inline constexpr std::size_t kQqicOffset = 1;
inline constexpr std::size_t kSourceCountOffset = 2;
inline constexpr std::uint8_t kSuppressFlag = 0x08;   ///< S
inline constexpr std::uint8_t kMaxRobustness = 0x07;  ///< QRV

/// Returns the code of the greatest value that is not above `time` and that `Code` can carry.
template <class Code>
constexpr auto time_code(Duration time, Duration unit) {
  const auto units = std::clamp<Duration::rep>(time / unit, 0, Code::kMax);
  return Code::encode(static_cast<std::uint32_t>(units));
}

/// Parses the tail into `query`. Returns false when it is shorter than its number of sources says.
template <Family F>
bool read_query_tail(Bytes tail, Query<F>& query) {
  constexpr std::size_t kAddressSize = sizeof(typename F::Address);
  if (tail.size() < kQueryTailSize) return false;
  const auto fixed = tail.first<kQueryTailSize>();
  const auto flags = load<std::uint8_t, kFlagsOffset>(fixed);
  const auto length = std::size_t{load<std::uint16_t, kSourceCountOffset>(fixed)} * kAddressSize;
  if (tail.size() - kQueryTailSize < length) return false;
  query.suppress = (flags & kSuppressFlag) != 0;
  query.robustness = flags & kMaxRobustness;
  query.query_interval = TimeCode8::decode(load<std::uint8_t, kQqicOffset>(fixed)) * Duration{1s};
  const auto sources = addresses<kAddressSize>(tail.subspan(kQueryTailSize, length));
  query.sources.assign(sources.begin(), sources.end());
  return true;
}

template <Family F>
void append_query_tail(Buffer& out, const Query<F>& query) {
  const unsigned robustness = query.robustness <= kMaxRobustness ? query.robustness : 0;
  append(out, static_cast<std::uint8_t>((query.suppress ? kSuppressFlag : 0U) | robustness));
  append(out, time_code<TimeCode8>(query.query_interval, 1s));
  append(out, static_cast<std::uint16_t>(query.sources.size()));
  for (const auto& source : query.sources) append(out, source);
}

/// Whether a query is valid: a General Query without sources, or one about a multicast group.
template <Family F>
bool has_valid_group(const Query<F>& query) {
  return query.is_general() ? query.sources.empty() : is_multicast(query.group);
}

}  // namespace mcq::wire
