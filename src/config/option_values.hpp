#pragma once

#include <bitset>
#include <cstddef>

#include "config/options.hpp"

namespace mcq::config {

inline constexpr std::size_t kMaxOptions = 64;

/// Options that one table of the file, or the command line, sets.
template <Family F>
class OptionValues {
 public:
  /// Options that are not set have the default of core::Settings.
  const Values<F>& values() const { return values_; }
  /// `option` is an element of options<F>(), here and below.
  bool has(const Option<F>& option) const { return is_set_[index(option)]; }
  /// Returns a message, and changes nothing, if the value is not allowed.
  Result<Ok> set(const Option<F>& option, const Given& given) {
    auto ok = option.read(given, option.fallback, values_);
    if (ok) is_set_.set(index(option));
    return ok;
  }
  /// Copies the options that are set.
  void copy_to(Values<F>& values) const {
    for (const auto& option : options<F>()) {
      if (has(option)) option.copy(values_, values);
    }
  }
  /// These options, and those of `other` that are not set here.
  OptionValues over(const OptionValues& other) const {
    auto result = other;
    copy_to(result.values_);
    result.is_set_ |= is_set_;
    return result;
  }
  bool operator==(const OptionValues&) const = default;

 private:
  static std::size_t index(const Option<F>& option) {
    return static_cast<std::size_t>(&option - options<F>().data());
  }

  Values<F> values_{};
  std::bitset<kMaxOptions> is_set_{};
};

}  // namespace mcq::config
