#pragma once

#include <concepts>
#include <optional>

#include "base/family.hpp"
#include "base/result.hpp"
#include "config/options.hpp"
#include "core/settings.hpp"

namespace mcq::config {

/// OptionValues for both protocols, as a table of the file or the command line makes them.
struct ProtocolOptions {
  OptionValues igmp{}, mld{};
  bool has_mld_table = false;
  bool operator==(const ProtocolOptions&) const = default;

  /// These choices, and where they leave one open the other's.
  ProtocolOptions over(const ProtocolOptions& other) const;

  template <Family F>
  const OptionValues& of() const {
    if constexpr (std::same_as<F, Igmp>) {
      return igmp;
    } else {
      return mld;
    }
  }
  /// Unless something else was chosen, IGMP is on, and MLD is where a table speaks of it.
  template <Family F>
  bool enables() const {
    const bool by_default = std::same_as<F, Igmp> || has_mld_table;
    return of<F>().get(Key::kEnabled).value_or(by_default ? 1 : 0) != 0;
  }
};

/// What is to run on an interface.
struct ProtocolSettings {
  std::optional<core::Settings<Igmp>> igmp;
  std::optional<core::Settings<Mld>> mld;
  bool operator==(const ProtocolSettings&) const = default;
};

/// What follows from the choices, or which of them contradict each other.
Result<ProtocolSettings> make_protocol_settings(const ProtocolOptions& choices);
/// The same for an interface that is to be served: something must run there.
Result<ProtocolSettings> make_protocol_settings_in_use(const ProtocolOptions& choices);

}  // namespace mcq::config
