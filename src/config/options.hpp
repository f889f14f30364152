#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/family.hpp"
#include "base/result.hpp"
#include "config/profiles.hpp"
#include "core/settings.hpp"

namespace mcq::config {

/// The values of all options of a protocol.
template <Family F>
struct Values : core::Settings<F> {
  Profile profile = Profile::kHome;  ///< gives the defaults of the options that are not set
  std::optional<bool> enabled{};     ///< run this protocol; unset: see ProtocolOptions::enables()
  bool operator==(const Values&) const = default;
};

/// A value as the user wrote it, before it is checked.
struct Given {
  std::string where;  ///< start of an error message: "FILE:LINE: NAME " or "--FLAG "
  std::string text;   ///< printable
  /// Empty for any other type of TOML. Text that is no number on the command line is NaN.
  std::variant<std::monostate, bool, double, std::string, std::vector<Given>> value{};
};

/// Reads a number of the command line: "60", "0.5".
Given given_number(std::string where, std::string text);

/// An option of the configuration file, and of the command line if it has a flag.
template <Family F>
struct Option {
  std::string_view name;         ///< in the file; the name in RFC 8652 if it has one
  std::string_view flag;         ///< empty: not on the command line
  std::string_view placeholder;  ///< for the value of the flag in --help; empty for a switch
  std::string_view fallback;     ///< describes the default, in messages and --help
  std::string_view help;
  bool is_igmp_only;

  /// Sets the member of `values`, or returns a message that names the allowed values.
  Result<Ok> (*read)(const Given& given, std::string_view fallback, Values<F>& values);
  /// Formats the member in the syntax of the file. An optional number must have a value.
  std::string (*print)(const Values<F>& values);
  void (*copy)(const Values<F>& from, Values<F>& to);
};

/// All options of a protocol, in the order in which check-config prints them.
template <Family F>
std::span<const Option<F>> options();

/// The option with that name in the file; null if there is none.
template <Family F>
const Option<F>* find_option(std::string_view name);

/// "60", "31.25"
std::string format_seconds(Duration time);

}  // namespace mcq::config
