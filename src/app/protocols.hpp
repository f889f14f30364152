#pragma once

#include <concepts>
#include <optional>

#include "app/choices.hpp"
#include "base/family.hpp"
#include "base/result.hpp"
#include "core/settings.hpp"

namespace mcq::app {

/// Choices for both protocols, as a table of the file or the command line makes them.
struct ProtocolChoices {
  Choices igmp{}, mld{};
  bool has_mld_table = false;
  bool operator==(const ProtocolChoices&) const = default;

  /// These choices, and where they leave one open the other's.
  ProtocolChoices over(const ProtocolChoices& other) const;

  template <Family F>
  const Choices& of() const {
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
struct Protocols {
  std::optional<core::Settings<Igmp>> igmp;
  std::optional<core::Settings<Mld>> mld;
  bool operator==(const Protocols&) const = default;
};

/// What follows from the choices, or which of them contradict each other.
Result<Protocols> make_protocols(const ProtocolChoices& choices);
/// The same for an interface that is to be served: something must run there.
Result<Protocols> make_protocols_in_use(const ProtocolChoices& choices);

}  // namespace mcq::app
