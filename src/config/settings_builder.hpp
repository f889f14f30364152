#pragma once

#include <string>
#include <vector>

#include "config/option_values.hpp"

namespace mcq::config {

/// Derives the defaults that depend on other options. Returns a message if options contradict each
/// other.
template <Family F>
Result<core::Settings<F>> make_settings(const OptionValues<F>& options);

/// Lists settings that are allowed but unwise, a sentence each.
template <Family F>
std::vector<std::string> warnings(const core::Settings<F>& settings);

}  // namespace mcq::config
