#pragma once

#include <algorithm>
#include <variant>
#include <vector>

#include "core/group.hpp"
#include "wire/message.hpp"

namespace mcq::sim {

/// A group record that owns its sources, as packets that are under way must.
template <Family F>
struct OwnRecord {
  RecordType type{};
  typename F::Address group{};
  std::vector<typename F::Address> sources{};
};

/// An IGMPv3 or MLDv2 report.
template <Family F>
struct OwnReport {
  std::vector<OwnRecord<F>> records{};
};

template <Family F>
struct Packet {
  typename F::Address source, destination;
  std::variant<Query<F>, Report<F>, Leave<F>, OwnReport<F>, RouterMessage> message;
};

/// The version before the newest: IGMPv2 or MLDv1.
template <Family F>
inline constexpr auto kOlder = typename F::Version{static_cast<std::uint8_t>(F::kNewest) - 1};

/// 224.0.0.n or ff02::n
template <Family F>
constexpr typename F::Address link_group(std::uint8_t n) {
  auto address = F::kAllNodes;
  address.bytes.back() = n;
  return address;
}
/// Where leaves go (RFC 2236 §9, RFC 2710 §8).
template <Family F>
inline constexpr auto kAllRouters = link_group<F>(2);
/// Where IGMPv3 and MLDv2 reports go (RFC 9776 §4.2.14, RFC 9777 §5.2).
template <Family F>
inline constexpr auto kReportRouters = link_group<F>(std::same_as<F, Igmp> ? 22 : 0x16);

/// Whether a record tells of somebody who listens.
template <Family F>
bool tells_of_a_member(RecordType type, const std::vector<typename F::Address>& sources) {
  const bool excludes = type == RecordType::kIsEx || type == RecordType::kToEx;
  return excludes || (type != RecordType::kBlock && !sources.empty());
}

/// What a host wants of a group (RFC 9776 §5.1): INCLUDE without sources is nothing.
template <Family F>
struct Filter {
  core::FilterMode mode = core::FilterMode::kInclude;
  std::vector<typename F::Address> sources{};  ///< ascending, each once
  bool operator==(const Filter&) const = default;

  bool is_empty() const { return mode == core::FilterMode::kInclude && sources.empty(); }
  bool wants(const typename F::Address& source) const {
    const bool is_listed = std::binary_search(sources.begin(), sources.end(), source);
    return is_listed == (mode == core::FilterMode::kInclude);
  }
};

template <Family F>
Filter<F> including(std::vector<typename F::Address> sources) {
  return {core::FilterMode::kInclude, std::move(sources)};
}
template <Family F>
Filter<F> excluding(std::vector<typename F::Address> sources) {
  return {core::FilterMode::kExclude, std::move(sources)};
}

}  // namespace mcq::sim
