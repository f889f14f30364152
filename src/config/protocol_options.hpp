#pragma once

#include <concepts>
#include <optional>

#include "base/family.hpp"
#include "base/result.hpp"
#include "config/settings_builder.hpp"

namespace mcq::config {

/// Options of both protocols that one table of the file, or the command line, sets.
struct ProtocolOptions {
  OptionValues<Igmp> igmp{};
  OptionValues<Mld> mld{};
  bool has_mld_table = false;
  bool operator==(const ProtocolOptions&) const = default;

  /// These options, and those of `other` that are not set here.
  ProtocolOptions over(const ProtocolOptions& other) const;

  template <Family F>
  const OptionValues<F>& of() const {
    if constexpr (std::same_as<F, Igmp>) {
      return igmp;
    } else {
      return mld;
    }
  }
  /// By default IGMP is on, and MLD is on if the file has a table for it.
  template <Family F>
  bool enables() const {
    const bool by_default = std::same_as<F, Igmp> || has_mld_table;
    return of<F>().values().enabled.value_or(by_default);
  }
};

/// Settings of the protocols that run on an interface.
struct ProtocolSettings {
  std::optional<core::Settings<Igmp>> igmp;
  std::optional<core::Settings<Mld>> mld;
  bool operator==(const ProtocolSettings&) const = default;
};

/// Returns the settings of the enabled protocols, or a message if options contradict each other.
Result<ProtocolSettings> make_protocol_settings(const ProtocolOptions& choices);
/// Like make_protocol_settings(), but fails if no protocol is enabled.
Result<ProtocolSettings> make_protocol_settings_in_use(const ProtocolOptions& choices);

}  // namespace mcq::config
